// What may hold a `#` without being a private member: comments, and quoted text.
const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;

// Where a class element begins, its modifiers, its name, and what follows the name of a field or method. Static members hold no data of an
// instance, so they are let through.
const DECLARATION =
  /(?:^|[{};\n])\s*((?:(?:static|async|get|set|accessor)\s+|\*\s*)*)(#[\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?=[=;({}\n])/gmu;

// Helpers a compiler leaves behind when it turns private members into weak maps.
const COMPILED = /\b(?:__classPrivateField(?:Get|Set|In)|_class_private_(?:field|method)_\w+|_classPrivate\w+)\b/;

/**
 * Finds a private instance member in the source of a class. The language offers no other way to learn of one from outside, and there is no
 * way to give one to an object that its constructor did not make.
 *
 * @returns its name, or `undefined` when there is none.
 */
export function privateMemberOf(source: string): string | undefined {
  const compiled = COMPILED.exec(source);
  if (compiled !== null) {
    return `#… (compiled to ${compiled[0]})`;
  }
  if (!source.includes('#')) {
    return undefined;
  }
  for (const [, modifiers = '', name] of source.replaceAll(COMMENT_OR_TEXT, "''").matchAll(DECLARATION)) {
    if (!/\bstatic\b/.test(modifiers)) {
      return name;
    }
  }
  return undefined;
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const INDEX = resolve(__dirname, '../../../lib/index.ts');

/** Public methods of the classes that the package exports, read from the sources: at run time private ones look the same. */
export function publicMethods(): ReadonlyMap<string, readonly string[]> {
  return new Map(
    parse(INDEX)
      .statements.filter(ts.isExportDeclaration)
      .flatMap(({ moduleSpecifier }) => {
        if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
        const file = resolve(INDEX, '..', moduleSpecifier.text.replace(/\.js$/, '.ts'));
        return parse(file)
          .statements.filter(ts.isClassDeclaration)
          .map((one): [string, readonly string[]] => [one.name?.text ?? '', methodsOf(one)]);
      }),
  );
}

function methodsOf(declaration: ts.ClassDeclaration): readonly string[] {
  const names = declaration.members
    .filter(ts.isMethodDeclaration)
    .filter((method) => !isHidden(method) && ts.isIdentifier(method.name))
    .map(({ name }) => name.getText());
  return [...new Set(names)].sort();
}

function isHidden(method: ts.MethodDeclaration): boolean {
  const modifiers = method.modifiers?.map(({ kind }) => kind) ?? [];
  const isPrivate =
    modifiers.includes(ts.SyntaxKind.PrivateKeyword) || modifiers.includes(ts.SyntaxKind.ProtectedKeyword);
  return isPrivate || ts.getJSDocTags(method).some(({ tagName }) => tagName.text === 'internal');
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

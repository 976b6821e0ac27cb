const LOOKED_AT = 500;
const KEPT = 200;

/** What differs from one failure to the next, in the order in which it is replaced: quoted text, uuids, words with a digit in them. */
const REPLACED: readonly (readonly [string, string])[] = [
  ['"[^"]*"|`[^`]*`|(?<!\\w)\'[^\']*\'(?!\\w)', '…'],
  ['\\m[[:xdigit:]]{8}(-[[:xdigit:]]{4}){3}-[[:xdigit:]]{12}\\M', '#'],
  ['\\w*\\d\\w*', '#'],
  ['#([.,:+-]#)+', '#'],
  ['\\s+', ' '],
];

/**
 * SQL of a message without what differs from one failure to the next.
 *
 * @param message SQL of the message.
 */
export function normalisedMessage(message: string): string {
  const text = REPLACED.reduce(
    (sql, [pattern, replacement]) =>
      `regexp_replace(${sql}, '${pattern.replaceAll("'", "''")}', '${replacement}', 'g')`,
    `left(${message}, ${LOOKED_AT})`,
  );
  return `left(${text}, ${KEPT})`;
}

/**
 * SQL of what failures of one kind have in common, short enough to be looked for: the error's name and its message without numbers,
 * uuids and quoted text.
 *
 * @param name SQL of the error's name.
 * @param message SQL of its message.
 */
export function fingerprintOf(name: string, message: string): string {
  return `left(encode(sha256(convert_to((${name}) || e'\\n' || ${normalisedMessage(message)}, 'UTF8')), 'hex'), 16)`;
}

import type { Parameters } from './parameters.js';

/** Column of a walk's order. */
export interface WalkKey {
  /** SQL of the column. */
  readonly column: string;
  readonly type: 'bigint' | 'integer' | 'smallint' | 'text' | 'timestamptz';
}

/**
 * A way through a table in the order of one of its indexes, so that what follows a given row is found without reading what comes before.
 */
export interface Walk {
  /** Names it in cursors; a list may be made of several walks, one after the other. */
  readonly name: string;
  /** What the index is ordered by. Together they are unique. */
  readonly keys: readonly WalkKey[];
  readonly descending: boolean;
  /** SQL of the tables; the row is called `r`. */
  readonly from: string;
  /** Conditions that the index answers. */
  where(parameters: Parameters): readonly string[];
}

/** SQL that orders by a walk's keys. */
export function orderOf({ keys, descending }: Walk): string {
  return keys.map(({ column }) => `${column}${descending ? ' desc' : ''}`).join(', ');
}

/** SQL of a key as text that {@link keyValue} understands, whatever the connection's settings are. */
export function keyText({ column, type }: WalkKey): string {
  return type === 'timestamptz' ? `(extract(epoch from ${column}) * 1000000)::bigint::text` : `${column}::text`;
}

/** SQL of the condition that a row follows the one of the given keys. */
export function followsCondition(walk: Walk, after: readonly string[], parameters: Parameters): string {
  const values = walk.keys.map(({ type }, index) => keyValue(type, after[index] ?? '', parameters));
  return `(${walk.keys.map(({ column }) => column).join(', ')}) ${walk.descending ? '<' : '>'} (${values.join(', ')})`;
}

const KEY_TEXTS: Readonly<Record<WalkKey['type'], RegExp>> = {
  bigint: /^-?\d{1,18}$/,
  integer: /^\d{1,9}$/,
  smallint: /^\d{1,4}$/,
  text: /^[0-9a-f]{1,64}$/,
  timestamptz: /^-?\d{1,18}$/,
};

/** Whether texts can be the keys of a walk. */
export function areKeysOf({ keys }: Pick<Walk, 'keys'>, texts: readonly string[]): boolean {
  return texts.length === keys.length && keys.every(({ type }, index) => KEY_TEXTS[type].test(texts[index] ?? ''));
}

function keyValue(type: WalkKey['type'], text: string, parameters: Parameters): string {
  if (type !== 'timestamptz') return parameters.add(text, type);
  return `(timestamptz 'epoch' + ${parameters.add(text, 'bigint')} * interval '1 microsecond')`;
}

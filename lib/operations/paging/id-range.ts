import type { EngineConnection } from '../../engine/database/engine-connection.js';
import { idRangeStatement, type TimeSpan } from './id-range.statements.js';
import { Parameters } from './parameters.js';

/** Ids between which something lies. */
export interface IdRange {
  readonly first: string | null;
  /** Not included. */
  readonly end: string | null;
}

const EVERYWHERE: IdRange = { first: null, end: null };

/** Finds between which ids of a table the rows of a span of time lie. */
export async function findIdRange(
  connection: EngineConnection,
  table: string,
  column: string,
  span: TimeSpan,
): Promise<IdRange> {
  if (span.from === undefined && span.to === undefined) return EVERYWHERE;
  const parameters = new Parameters();
  const text = idRangeStatement(table, column, span, parameters);
  const { rows } = await connection.runUnprepared<IdRange>(text, parameters.values);
  return rows[0] ?? EVERYWHERE;
}

/** SQL of the condition that an id lies in a range. */
export function inRange(column: string, { first, end }: IdRange, parameters: Parameters): readonly string[] {
  return [
    ...(first === null ? [] : [`${column} >= ${parameters.add(first, 'bigint')}`]),
    ...(end === null ? [] : [`${column} < ${parameters.add(end, 'bigint')}`]),
  ];
}

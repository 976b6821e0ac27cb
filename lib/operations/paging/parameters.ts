/** What PostgreSQL is to take a parameter for. */
export type ParameterType =
  | 'bigint'
  | 'bigint[]'
  | 'boolean'
  | 'float8'
  | 'integer'
  | 'integer[]'
  | 'smallint'
  | 'text'
  | 'text[]'
  | 'timestamptz';

/** The values of a statement that is put together, in the order of their places. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Takes a value, and answers with the SQL that stands for it. */
  add(value: unknown, type: ParameterType): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

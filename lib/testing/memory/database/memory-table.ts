/** Rows by key, as they were committed; rows are never changed, but replaced. */
export class MemoryTable<Row extends object> {
  readonly rows = new Map<string, Row>();

  constructor(readonly name: string) {}
}

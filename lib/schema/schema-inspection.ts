/** How the tables are at a moment. */
export interface SchemaInspection {
  /** What to do about entities that the data source does not have, or not where they are expected; `null` when all is well. */
  readonly entities: string | null;
  /** Version of the tables; 0 when there are none. */
  readonly version: number;
  /** Version this package works with. */
  readonly needed: number;
  /** Tables that are not there. */
  readonly missing: readonly string[];
  /** How to bring the tables up to date. */
  readonly remedy: string;
}

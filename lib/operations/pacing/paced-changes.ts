/**
 * What one call of a large action did, or with `dryRun` would have done.
 *
 * @publicApi
 */
export interface PacedChanges {
  /** How many became deliveries that are ready now. */
  readonly changed: number;
  /** How many have an open delivery already, which is left as it is. */
  readonly open: number;
  /** What to go on from as `after`; `null` when all is done. */
  readonly next: string | null;
}

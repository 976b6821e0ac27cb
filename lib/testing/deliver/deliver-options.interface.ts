/**
 * What a receiver is told of the delivery it is run with alone.
 *
 * @publicApi
 */
export interface DeliverOptions {
  /** 1 on the first run, the default. */
  readonly attempt?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly correlationId?: string;
  readonly tenant?: string;
  readonly key?: string;
  /** Who sent it. */
  readonly sender?: string;
  /** Aborts the run when it aborts, with its reason. */
  readonly signal?: AbortSignal;
  /**
   * What becomes of all that the receiver wrote, in its transaction or beside it: `commit` as ever, the default, or `rollback`, which leaves
   * nothing behind in the database.
   */
  readonly transaction?: 'commit' | 'rollback';
}

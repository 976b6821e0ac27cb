import type { ClaimedDelivery } from './claimed-delivery.js';

/** One failed or interrupted run, as it is kept on the row. */
export interface RunFailure {
  readonly kind: 'failed' | 'timeout' | 'interrupted';
  /** ISO time of the process that ran it. */
  readonly at: string;
  readonly attempt: number;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

/** What a run led to. Exactly one is decided for each claim. */
export type Outcome =
  | { readonly kind: 'acknowledged' }
  /** Acknowledged already, in the receiver's own transaction. */
  | { readonly kind: 'committed' }
  /** Runs again after `delay` milliseconds; with a failure it counts an attempt, without one the receiver asked for it. */
  | { readonly kind: 'postponed'; readonly delay: number; readonly failure: RunFailure | null }
  | { readonly kind: 'dead'; readonly reason: string; readonly failure: RunFailure | null }
  | { readonly kind: 'discarded'; readonly reason: string }
  /** Handed back in its place; `failure` tells of a run that had begun. */
  | { readonly kind: 'interrupted'; readonly failure: RunFailure | null }
  /** The claim was lost meanwhile; nothing is written. */
  | { readonly kind: 'lost' };

/** A claim and what it led to. */
export interface SettledDelivery {
  readonly delivery: ClaimedDelivery;
  readonly outcome: Outcome;
}

import type { Outcome } from '../deliveries/outcome.js';

/** What runs of one receiver led to. */
export interface ActivityCounts {
  /** Those that were discarded by the receiver included: it is done with them. */
  readonly succeeded: number;
  readonly failed: number;
  readonly dead: number;
  readonly interrupted: number;
  /** How long they took together. */
  readonly milliseconds: number;
}

/** What one run adds; `undefined` when it counts as nothing, such as one that asked to run later. */
export function activityOf(outcome: Outcome, milliseconds: number): ActivityCounts | undefined {
  const none = { succeeded: 0, failed: 0, dead: 0, interrupted: 0, milliseconds };
  switch (outcome.kind) {
    case 'acknowledged':
    case 'committed':
    case 'discarded':
      return { ...none, succeeded: 1 };
    case 'postponed':
      return outcome.failure === null ? undefined : { ...none, failed: 1 };
    case 'dead':
      return outcome.failure?.kind === 'interrupted'
        ? { ...none, interrupted: 1, dead: 1 }
        : { ...none, failed: 1, dead: 1 };
    case 'interrupted':
      return { ...none, interrupted: 1 };
    case 'lost':
      return undefined;
  }
}

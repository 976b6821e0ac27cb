import type { FaultKind } from './fault.js';
import { faults } from './faults.js';
import { FreezePastLease } from './faults/freeze-past-lease.fault.js';

/** Longest time of a fault in a short run, in milliseconds. */
const LONGEST = 4_000;

/** The same faults for a run of less than a minute, with a lease to match. */
export const SHORT_LEASE = 6_000;

export const shortFaults: readonly FaultKind[] = faults.map(({ lasts: [least, most], ...kind }) => {
  if (kind.create === FreezePastLease)
    return { ...kind, lasts: [SHORT_LEASE + 1_000, SHORT_LEASE + 2_000], rest: 20_000 };
  return {
    ...kind,
    lasts: [Math.min(least, LONGEST), Math.min(most, LONGEST)],
    ...(kind.rest === undefined ? {} : { rest: 15_000 }),
  };
});

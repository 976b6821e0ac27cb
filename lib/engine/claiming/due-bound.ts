import type { Snapshot } from './ready-bounds.js';

/** Delayed deliveries are looked for from so long before the last look, in milliseconds. */
const MARGIN = 10_000;
/** Part of the margin for what a statement does before it gets its transaction id. */
const SKEW = 5_000;

/**
 * Remembers from when on delayed deliveries are to be looked for, so that a look does not walk again over what was promoted already.
 *
 * A delivery is due no earlier than the statement that wrote it ran, but appears when its transaction commits, which may be long after
 * that. So transactions seen open are remembered, and when one ends, the next look goes back to before it was first seen.
 */
export class DueBound {
  private bound = -Infinity;
  private lookedAt = -Infinity;
  private readonly openSince = new Map<bigint, number>();

  /** Milliseconds since the epoch, by the database's clock. */
  get from(): number {
    return this.bound;
  }

  /** Starts again from the beginning. */
  reset(): void {
    this.bound = -Infinity;
  }

  /**
   * Moves the bound after a look.
   *
   * @param clock when it looked.
   * @param done whether nothing due was left.
   * @returns whether to look again, because a transaction ended that may have written before the bound.
   */
  advance(clock: number, snapshot: Snapshot, done: boolean): boolean {
    const back = this.earliestOfEnded(snapshot) - SKEW;
    for (const xid of snapshot.open) if (!this.openSince.has(xid)) this.openSince.set(xid, this.lookedAt);
    this.lookedAt = clock;
    const lookAgain = back < this.bound;
    if (lookAgain) this.bound = back;
    else if (done) this.bound = clock - MARGIN;
    return lookAgain;
  }

  private earliestOfEnded({ open }: Snapshot): number {
    const stillOpen = new Set(open);
    let earliest = Infinity;
    for (const [xid, since] of this.openSince) {
      if (stillOpen.has(xid)) continue;
      this.openSince.delete(xid);
      earliest = Math.min(earliest, since);
    }
    return earliest;
  }
}

/** Priority bands a delivery may lie in: 0 runs first. */
export const PRIORITY_BANDS = 8;

/** Open writers remembered one by one for a receiver; beyond them the bound stays behind the oldest that is not remembered. */
const REMEMBERED_WRITERS = 16;

/** Which transactions a statement could see, as `txid_current_snapshot()` prints it. */
export interface Snapshot {
  readonly xmax: bigint;
  /** Transactions that were open, oldest first. */
  readonly open: readonly bigint[];
}

/** Where in its band the claim of one receiver stood. */
export interface ClaimedPosition {
  readonly priority: number;
  readonly readyXid: bigint;
}

/** Reads `xmin:xmax:xip,xip,…`. */
export function parseSnapshot(text: string): Snapshot {
  const [, xmax = '0', open = ''] = text.split(':');
  return { xmax: BigInt(xmax), open: open === '' ? [] : open.split(',').map(BigInt) };
}

/**
 * Remembers, for one receiver, below which transaction id nothing claimable is left, so that a claim never walks again over what was
 * delivered already, however long a reader keeps those dead rows from being vacuumed.
 *
 * A row appears in the ready order at the id of the transaction that wrote it, when that transaction commits. So nothing new can appear
 * below the snapshot's end, except from writers that were open in it. Those are remembered as holes and looked at one by one.
 */
export class ReadyBounds {
  private readonly lows: bigint[] = new Array<bigint>(PRIORITY_BANDS).fill(0n);
  private held: bigint[] = [];

  /** Lower bound of each band. */
  get bounds(): readonly bigint[] {
    return this.lows;
  }

  /** Transactions below the bounds that were still open when the bounds moved past them. */
  get holes(): readonly bigint[] {
    return this.held;
  }

  /** Starts again from the left end, where deliveries lie that were released in place. */
  reset(): void {
    this.lows.fill(0n);
    this.held = [];
  }

  /**
   * Moves the bounds after a claim.
   *
   * @param snapshot what the claim could see.
   * @param claimed the positions it took, in any order.
   * @param full whether it took as many as it was allowed to, so that more may be left.
   */
  advance(snapshot: Snapshot, claimed: readonly ClaimedPosition[], full: boolean): void {
    const inOrder = claimed.filter((position) => position.readyXid >= this.low(position.priority));
    const lastBand = full ? Math.max(-1, ...inOrder.map((position) => position.priority)) : PRIORITY_BANDS;
    const rememberable = snapshot.open[REMEMBERED_WRITERS] ?? snapshot.xmax;
    for (let band = 0; band < PRIORITY_BANDS && band <= lastBand; band += 1) {
      const reached = band === lastBand ? firstOf(inOrder, band) : snapshot.xmax;
      this.lows[band] = larger(this.low(band), smaller(reached, rememberable));
    }
    this.held = this.holesAfter(snapshot, full);
  }

  private low(band: number): bigint {
    return this.lows[band] ?? 0n;
  }

  private holesAfter(snapshot: Snapshot, full: boolean): bigint[] {
    const highest = this.lows.reduce(larger);
    const open = snapshot.open.filter((xid) => xid < highest);
    // A full claim may have stopped before the holes were empty, so those are looked at once more.
    return full ? [...new Set([...this.held, ...open])] : open;
  }
}

function firstOf(positions: readonly ClaimedPosition[], band: number): bigint {
  return positions
    .filter((position) => position.priority === band)
    .map((position) => position.readyXid)
    .reduce(smaller);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

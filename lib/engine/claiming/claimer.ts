import type { Clock } from '../clock/clock.js';
import type { SqlClient } from '../database/sql-client.js';
import type { Statement } from '../database/statement.js';
import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { ClaimAnswer, ReceiverDemand } from '../liveness/worker-session.js';
import type { TableNames } from '../schema/table-names.js';
import { type ClaimRow, claimStatement, PROMOTION_BATCH, promoteStatement } from './claim.statements.js';
import { claimedDeliveries } from './claimed-deliveries.js';
import { DueBound } from './due-bound.js';
import { parseSnapshot, PRIORITY_BANDS, ReadyBounds, type Snapshot } from './ready-bounds.js';

/**
 * Milliseconds after which a claimer looks from the left end in any case. What a bound passed because somebody held its row, by hand or in
 * a statement that failed, is found then.
 */
const RESET_INTERVAL = 20_000;

/** What one statement brought. */
interface Look extends ClaimAnswer {
  readonly lookAgain: boolean;
}

/** Claims due deliveries on a given connection, remembering where each receiver's ready order begins. */
export class Claimer {
  private readonly claimStatement: Statement;
  private readonly promoteStatement: Statement;
  private readonly boundsOf = new Map<number, ReadyBounds>();
  private readonly due = new DueBound();
  private resetAt = 0;
  private resets = 0;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.claimStatement = claimStatement(names);
    this.promoteStatement = promoteStatement(names);
  }

  /**
   * Promotes what became due, claims up to the demanded numbers and says when the next delayed delivery is due.
   *
   * @param client connection whose session proves the worker, so that a worker whose session ended cannot claim.
   *   It keeps statements prepared only when its session has `CLAIM_PLANNING`.
   */
  async claim(client: SqlClient, workerId: number, demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    if (performance.now() >= this.resetAt) this.reset();
    const taken: ClaimedDelivery[] = [];
    for (let promoted = false; ;) {
      const { deliveries, nextDueIn, lookAgain } = await this.look(client, workerId, remaining(demands, taken));
      taken.push(...deliveries);
      const isDue = nextDueIn !== null && nextDueIn <= 0;
      if (promoted || !(isDue || lookAgain)) return { deliveries: taken, nextDueIn };
      if (isDue) await this.promote(client);
      promoted = isDue;
    }
  }

  /** Forgets the lower bounds: the next claim looks from the left end and so finds what was released in place. */
  reset(): void {
    this.resets += 1;
    this.boundsOf.clear();
    this.due.reset();
    this.resetAt = performance.now() + RESET_INTERVAL * (0.75 + Math.random() / 2);
  }

  private async look(client: SqlClient, workerId: number, demands: readonly ReceiverDemand[]): Promise<Look> {
    const { resets } = this;
    const { rows } = await client.query<ClaimRow>({
      ...this.claimStatement,
      values: this.claimValues(workerId, demands),
    });
    const [row] = rows;
    if (row === undefined) throw new Error('The claim returned no snapshot.');
    const deliveries = claimedDeliveries(row);
    const nextDueIn = row.next_due_in;
    // What it was told of meanwhile was not there yet when it looked.
    if (resets !== this.resets) return { deliveries, nextDueIn, lookAgain: false };
    const snapshot = parseSnapshot(row.snapshot);
    this.advance(snapshot, demands, row, deliveries);
    return {
      deliveries,
      nextDueIn,
      lookAgain: this.due.advance(row.clock, snapshot, nextDueIn === null || nextDueIn > 0),
    };
  }

  private claimValues(workerId: number, demands: readonly ReceiverDemand[]): unknown[] {
    const bounds = demands.map((demand) => this.bounds(demand.receiver));
    const holes = demands.flatMap((demand) =>
      this.bounds(demand.receiver).holes.map((xid) => ({ receiver: demand.receiver, xid })),
    );
    return [
      demands.map((demand) => demand.receiver),
      demands.map((demand) => demand.limit),
      demands.map((demand) => demand.version),
      ...Array.from({ length: PRIORITY_BANDS }, (_, band) => bounds.map((bound) => String(bound.bounds[band]))),
      holes.map((hole) => hole.receiver),
      holes.map((hole) => String(hole.xid)),
      workerId,
      this.clock.offset,
      this.due.from,
    ];
  }

  private advance(
    snapshot: Snapshot,
    demands: readonly ReceiverDemand[],
    { found }: Pick<ClaimRow, 'found'>,
    deliveries: readonly ClaimedDelivery[],
  ): void {
    const foundFor = new Map(Object.entries(found === null ? {} : (JSON.parse(found) as Record<string, number>)));
    for (const demand of demands) {
      const claimed = deliveries.filter((delivery) => delivery.receiver === demand.receiver);
      const positions = claimed.map((delivery) => ({
        priority: delivery.priority,
        readyXid: BigInt(delivery.readyXid),
      }));
      const isFull = (foundFor.get(String(demand.receiver)) ?? 0) >= demand.limit;
      this.bounds(demand.receiver).advance(snapshot, positions, isFull);
    }
  }

  private bounds(receiver: number): ReadyBounds {
    let bounds = this.boundsOf.get(receiver);
    if (bounds === undefined) this.boundsOf.set(receiver, (bounds = new ReadyBounds()));
    return bounds;
  }

  private async promote(client: SqlClient): Promise<void> {
    for (let batch = 0; batch < 4; batch += 1) {
      const { rowCount } = await client.query({
        ...this.promoteStatement,
        values: [this.due.from, this.clock.offset],
      });
      if ((rowCount ?? 0) < PROMOTION_BATCH) return;
    }
  }
}

function remaining(demands: readonly ReceiverDemand[], taken: readonly ClaimedDelivery[]): ReceiverDemand[] {
  return demands
    .map((demand) => ({
      ...demand,
      limit: demand.limit - taken.filter((delivery) => delivery.receiver === demand.receiver).length,
    }))
    .filter((demand) => demand.limit > 0);
}

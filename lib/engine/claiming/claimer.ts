import type { Clock } from '../clock/clock.js';
import type { SqlClient } from '../database/sql-client.js';
import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { ClaimAnswer, ReceiverDemand } from '../liveness/worker-session.js';
import type { TableNames } from '../schema/table-names.js';
import { type ClaimRow, claimStatement, PROMOTION_BATCH, promoteStatement } from './claim.statements.js';
import { parseSnapshot, PRIORITY_BANDS, ReadyBounds } from './ready-bounds.js';

const BEGINNING = '-infinity';

/** Claims due deliveries on a given connection, remembering where each receiver's ready order begins. */
export class Claimer {
  private readonly claimText: string;
  private readonly promoteText: string;
  private readonly boundsOf = new Map<number, ReadyBounds>();
  private dueFrom = BEGINNING;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.claimText = claimStatement(names);
    this.promoteText = promoteStatement(names);
  }

  /**
   * Promotes what became due, claims up to the demanded numbers and says when the next delayed delivery is due.
   *
   * @param client connection whose session proves the worker, so that a worker whose session ended cannot claim.
   */
  async claim(client: SqlClient, workerId: number, demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    const first = await this.claimReady(client, workerId, demands);
    if (first.nextDueIn === null || first.nextDueIn > 0) return first;
    await this.promote(client);
    const second = await this.claimReady(client, workerId, remaining(demands, first.deliveries));
    return { deliveries: [...first.deliveries, ...second.deliveries], nextDueIn: second.nextDueIn };
  }

  /** Forgets the lower bounds: the next claim looks from the left end and so finds what was released in place. */
  reset(): void {
    this.boundsOf.clear();
    this.dueFrom = BEGINNING;
  }

  private async claimReady(
    client: SqlClient,
    workerId: number,
    demands: readonly ReceiverDemand[],
  ): Promise<ClaimAnswer> {
    const { rows } = await client.query<ClaimRow>({
      text: this.claimText,
      values: this.claimValues(workerId, demands),
    });
    const head = rows[0];
    if (head === undefined) throw new Error('The claim returned no snapshot.');
    const deliveries = rows.flatMap((row) => (row.event_id === null ? [] : [toDelivery(row, row.event_id)]));
    this.advance(head.snapshot, demands, rows, deliveries);
    if (head.next_due_in === null || head.next_due_in > 0) this.dueFrom = head.due_from;
    return { deliveries, nextDueIn: head.next_due_in };
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
      this.dueFrom,
    ];
  }

  private advance(
    snapshotText: string,
    demands: readonly ReceiverDemand[],
    rows: readonly ClaimRow[],
    deliveries: readonly ClaimedDelivery[],
  ): void {
    const snapshot = parseSnapshot(snapshotText);
    for (const demand of demands) {
      const claimed = deliveries.filter((delivery) => delivery.receiver === demand.receiver);
      const positions = claimed.map((delivery) => ({
        priority: delivery.priority,
        readyXid: BigInt(delivery.readyXid),
      }));
      const found = rows.filter((row) => row.found_for === demand.receiver).length;
      this.bounds(demand.receiver).advance(snapshot, positions, found >= demand.limit);
    }
  }

  private bounds(receiver: number): ReadyBounds {
    let bounds = this.boundsOf.get(receiver);
    if (bounds === undefined) this.boundsOf.set(receiver, (bounds = new ReadyBounds()));
    return bounds;
  }

  private async promote(client: SqlClient): Promise<void> {
    for (let batch = 0; batch < 4; batch += 1) {
      const { rowCount } = await client.query({ text: this.promoteText, values: [this.dueFrom, this.clock.offset] });
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

function toDelivery(row: ClaimRow, eventId: string): ClaimedDelivery {
  return {
    eventId,
    receiver: row.receiver,
    version: row.version,
    priority: row.priority,
    readyXid: row.ready_xid,
    claims: row.claims,
    attempts: row.attempts,
    interruptions: row.interruptions,
  };
}

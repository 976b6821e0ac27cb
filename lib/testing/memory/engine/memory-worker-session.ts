import type { ClaimedDelivery } from '../../../engine/deliveries/claimed-delivery.js';
import { SessionUnprovenError } from '../../../engine/liveness/session-unproven.error.js';
import type {
  ClaimAnswer,
  ReceiverDemand,
  WorkerSession,
  WorkerSessionListener,
} from '../../../engine/liveness/worker-session.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryDelivery } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { controlsOf } from './controls-of.js';
import { compare, compareIds, deliveryKey } from './memory-order.js';

/** A worker's session in memory. A test may also interrupt it, or have it die as a killed process does. */
export class MemoryWorkerSession implements WorkerSession {
  readonly hearsNotifications = true;
  private id: number | undefined;
  private listener: WorkerSessionListener | undefined;
  private proven = false;
  private overtaken = false;

  /**
   * @param maxInterruptions interruptions after which a delivery is given up.
   * @param released told when work of this session is free for others.
   */
  constructor(
    private readonly database: MemoryDatabase,
    private readonly maxInterruptions: number,
    private readonly released: () => void,
  ) {}

  get workerId(): number | undefined {
    return this.id;
  }

  async start(listener: WorkerSessionListener): Promise<void> {
    this.listener = listener;
    this.takeIdentity();
    this.tellControls();
    this.resume();
  }

  claim(demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    const { id } = this;
    if (id === undefined || !this.proven) return Promise.reject(new SessionUnprovenError());
    return this.database.transaction((transaction) => {
      this.promote(transaction);
      const deliveries = demands.flatMap((demand) => this.claimFor(transaction, id, demand));
      return { deliveries, nextDueIn: this.nextDueIn(transaction) };
    });
  }

  isProven(): boolean {
    return this.proven;
  }

  async stop(): Promise<void> {
    this.overtaken = false;
    await this.leave(false);
  }

  /** Something may be claimable. */
  wake(): void {
    if (this.id !== undefined) this.listener?.onWake();
  }

  /** Operators decided something. */
  tellControls(): void {
    if (this.id !== undefined) this.listener?.onControls(controlsOf([...this.database.receivers.rows.values()]));
  }

  /** The connection is lost for a while: runs go on, nothing new may start. */
  interrupt(): void {
    this.proven = false;
    this.listener?.onUnproven();
  }

  /** The connection is back; whoever was taken for dead meanwhile goes on under another identity. */
  resume(): void {
    if (this.overtaken) {
      this.overtaken = false;
      this.listener?.onFenced();
      this.takeIdentity();
    }
    this.proven = true;
    this.listener?.onProven();
  }

  /** The process dies: what it held is released for others, as interrupted, and buried when it was so too often. */
  async die(): Promise<void> {
    await this.leave(true);
  }

  /** Others take the process for dead while it is away: what it held is theirs, of which it learns when it is back. */
  async overtake(): Promise<void> {
    const { listener } = this;
    await this.leave(true);
    this.listener = listener;
    this.overtaken = true;
  }

  /** The process was taken for dead while it was away, and is back. */
  async fence(): Promise<void> {
    await this.overtake();
    this.resume();
  }

  private takeIdentity(): void {
    const id = Number(this.database.next('worker'));
    this.id = id;
    this.database.workers.rows.set(String(id), { id, live: true, receivers: [] });
  }

  private async leave(interrupted: boolean): Promise<void> {
    const { id } = this;
    this.id = undefined;
    this.proven = false;
    this.listener = undefined;
    if (id === undefined) return;
    await this.database.transaction(async (transaction) => {
      const worker = transaction.find(this.database.workers, String(id));
      if (worker !== undefined) transaction.put(this.database.workers, String(id), { ...worker, live: false });
      for (const { eventId, receiver } of transaction.all(this.database.deliveries)) {
        const row = await transaction.findForUpdate(this.database.deliveries, deliveryKey({ eventId, receiver }));
        if (row?.worker === id) this.release(transaction, row, interrupted);
      }
    });
    this.released();
  }

  private release(transaction: MemoryTransaction, row: MemoryDelivery, interrupted: boolean): void {
    const interruptions = row.interruptions + (interrupted ? 1 : 0);
    const free: MemoryDelivery = { ...row, interruptions, worker: null, claimedAt: null };
    if (!interrupted || interruptions < this.maxInterruptions) {
      transaction.put(this.database.deliveries, deliveryKey(row), free);
      return;
    }
    const { worker: _worker, claimedAt: _claimedAt, readyXid: _readyXid, dueAt: _dueAt, ...carried } = free;
    const id = String(this.database.next('dead letter'));
    const reason = `interrupted ${interruptions} times`;
    transaction.put(this.database.deliveries, deliveryKey(row), undefined);
    transaction.put(this.database.deadLetters, id, {
      ...carried,
      id,
      kind: 'dead',
      reason,
      diedAt: this.database.clock.now(),
    });
  }

  /** Makes delayed deliveries ready at the right end of the ready order. */
  private promote(transaction: MemoryTransaction): void {
    const now = this.database.clock.now();
    const due = transaction
      .all(this.database.deliveries)
      .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
      .sort((a, b) => compare(a.dueAt ?? now, b.dueAt ?? now) || compareIds(a.eventId, b.eventId));
    for (const delivery of due) {
      const row = transaction.findUnlocked(this.database.deliveries, deliveryKey(delivery));
      if (row === undefined) continue;
      transaction.put(this.database.deliveries, deliveryKey(row), {
        ...row,
        dueAt: null,
        readyXid: row.lane === null ? transaction.number : this.database.behindAll,
      });
    }
  }

  private claimFor(
    transaction: MemoryTransaction,
    worker: number,
    { receiver, limit, version }: ReceiverDemand,
  ): ClaimedDelivery[] {
    const claimed: ClaimedDelivery[] = [];
    const ready = transaction
      .all(this.database.deliveries)
      .filter((row) => row.receiver === receiver && row.worker === null && row.version <= version)
      .flatMap((row) => (row.readyXid === null ? [] : [{ ...row, readyXid: row.readyXid }]))
      .sort((a, b) => a.priority - b.priority || compare(a.readyXid, b.readyXid) || compareIds(a.eventId, b.eventId));
    for (const candidate of ready) {
      if (claimed.length >= limit) break;
      const key = deliveryKey(candidate);
      const row = transaction.findUnlocked(this.database.deliveries, key);
      if (row === undefined) continue;
      const claims = row.claims + 1;
      const claimedAt = this.database.clock.now();
      transaction.put(this.database.deliveries, key, { ...row, claims, worker, claimedAt });
      claimed.push({
        eventId: row.eventId,
        receiver,
        version: row.version,
        priority: row.priority,
        readyXid: String(candidate.readyXid),
        claims,
        attempts: row.attempts,
        interruptions: row.interruptions,
      });
    }
    return claimed;
  }

  private nextDueIn(transaction: MemoryTransaction): number | null {
    const dues = transaction
      .all(this.database.deliveries)
      .flatMap(({ dueAt }) => (dueAt === null ? [] : [dueAt.getTime()]));
    return dues.length === 0 ? null : Math.min(...dues) - this.database.clock.now().getTime();
  }
}

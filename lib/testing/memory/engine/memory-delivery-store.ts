import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { ClaimedDelivery } from '../../../engine/deliveries/claimed-delivery.js';
import { DeliveryStore } from '../../../engine/deliveries/delivery-store.port.js';
import type { RunFailure, SettledDelivery } from '../../../engine/deliveries/outcome.js';
import type { StoredEvent } from '../../../engine/deliveries/stored-event.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryDelivery, MemoryEvent } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { deliveryKey, later } from './memory-order.js';

/** Reads the events of claimed deliveries in memory and writes what became of them, fenced by the claim's number. */
export class MemoryDeliveryStore extends DeliveryStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  readEvents(connection: EngineConnection, ids: readonly string[]): Promise<StoredEvent[]> {
    return this.database.run(connection, (transaction) =>
      [...new Set(ids)].flatMap((id) => {
        const event = transaction.find(this.database.events, id);
        return event === undefined ? [] : [toStoredEvent(event)];
      }),
    );
  }

  acknowledge(connection: EngineConnection, deliveries: readonly ClaimedDelivery[]): Promise<Set<ClaimedDelivery>> {
    return this.database.run(connection, async (transaction) => {
      const held = new Set<ClaimedDelivery>();
      for (const delivery of deliveries) {
        if ((await this.fenced(transaction, delivery)) === undefined) continue;
        transaction.put(this.database.deliveries, deliveryKey(delivery), undefined);
        held.add(delivery);
      }
      return held;
    });
  }

  settle(connection: EngineConnection, settled: readonly SettledDelivery[]): Promise<Set<ClaimedDelivery>> {
    return this.database.run(connection, async (transaction) => {
      const held = new Set<ClaimedDelivery>();
      for (const one of settled) {
        if (await this.settleOne(transaction, one)) held.add(one.delivery);
      }
      return held;
    });
  }

  private async settleOne(transaction: MemoryTransaction, { delivery, outcome }: SettledDelivery): Promise<boolean> {
    const row = await this.fenced(transaction, delivery);
    if (row === undefined) return false;
    switch (outcome.kind) {
      case 'postponed':
        return this.give(transaction, row, {
          readyXid: null,
          dueAt: later(this.database.clock.now(), outcome.delay),
          attempts: row.attempts + (outcome.failure === null ? 0 : 1),
          failures: appended(row.failures, outcome.failure),
        });
      case 'interrupted':
        return this.give(transaction, row, {
          interruptions: row.interruptions + (outcome.failure === null ? 0 : 1),
          failures: appended(row.failures, outcome.failure),
        });
      case 'dead':
        this.bury(transaction, row, outcome.kind, outcome.reason, outcome.failure);
        return true;
      case 'discarded':
        this.bury(transaction, row, outcome.kind, outcome.reason, null);
        return true;
      case 'acknowledged':
      case 'committed':
      case 'lost':
        return false;
    }
  }

  /** The delivery of a claim, as long as nobody claimed it since. */
  private async fenced(transaction: MemoryTransaction, delivery: ClaimedDelivery): Promise<MemoryDelivery | undefined> {
    const row = await transaction.findForUpdate(this.database.deliveries, deliveryKey(delivery));
    return row?.claims === delivery.claims ? row : undefined;
  }

  /** Gives the claim up, once: its number stays as it is, and what is written again must not count twice. */
  private give(transaction: MemoryTransaction, row: MemoryDelivery, change: Partial<MemoryDelivery>): boolean {
    if (row.worker === null) return false;
    const given: MemoryDelivery = { ...row, ...change, worker: null, claimedAt: null };
    transaction.put(this.database.deliveries, deliveryKey(row), given);
    return true;
  }

  private bury(
    transaction: MemoryTransaction,
    row: MemoryDelivery,
    kind: 'dead' | 'discarded',
    reason: string,
    failure: RunFailure | null,
  ): void {
    const { worker: _worker, claimedAt: _claimedAt, readyXid: _readyXid, dueAt: _dueAt, ...carried } = row;
    const id = String(this.database.next('dead letter'));
    transaction.put(this.database.deliveries, deliveryKey(row), undefined);
    transaction.put(this.database.deadLetters, id, {
      ...carried,
      id,
      kind,
      reason,
      attempts: row.attempts + (failure === null ? 0 : 1),
      failures: appended(row.failures, failure),
      diedAt: this.database.clock.now(),
    });
  }
}

function toStoredEvent({ tags: _tags, receivers, retainUntil: _until, ...event }: MemoryEvent): StoredEvent {
  return { ...event, deliveries: receivers.length };
}

/** Keeps the time of every failure, but message and stack of the first and the last alone. */
function appended(
  failures: readonly Partial<RunFailure>[],
  failure: RunFailure | null,
): readonly Partial<RunFailure>[] {
  if (failure === null) return failures;
  if (failures.length < 2) return [...failures, failure];
  const { message: _message, stack: _stack, ...last } = failures.at(-1) ?? {};
  return [...failures.slice(0, -1), last, failure];
}

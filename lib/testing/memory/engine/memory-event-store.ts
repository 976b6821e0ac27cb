import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import { LANES_PER_RECEIVER } from '../../../engine/deliveries/emit.statements.js';
import type { EmitInput } from '../../../engine/deliveries/emit-input.js';
import { type AppendedEvent, EventStore } from '../../../engine/deliveries/event-store.port.js';
import type { DeliveryState, EventStatus, ReceiverStatus } from '../../../engine/deliveries/event-status.js';
import { UnroutedEventError } from '../../../errors/unrouted-event.error.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryDelivery, MemoryEvent } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { compareIds, deliveryKey, later } from './memory-order.js';

/** Appends events and their deliveries in memory. */
export class MemoryEventStore extends EventStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  async learnReceivers(): Promise<void> {
    // They are looked up at each emit.
  }

  async append(
    connection: EngineConnection,
    inputs: readonly EmitInput[],
    refuseUnrouted: boolean,
  ): Promise<AppendedEvent[]> {
    const written = await this.database.run(connection, async (transaction) => {
      const routes = inputs.map((input) => this.receiversOf(transaction, input));
      const unrouted = routes.findIndex((receivers) => receivers.length === 0);
      if (refuseUnrouted && unrouted !== -1) return unrouted;
      const holders = await this.takeKeys(transaction, inputs);
      return inputs.map((input, index) => this.write(transaction, input, routes[index] ?? [], holders));
    });
    // Nothing was written, so the transaction is as good as before.
    if (typeof written === 'number') throw new UnroutedEventError(inputs[written]?.name ?? '');
    return written;
  }

  status(connection: EngineConnection, id: string): Promise<EventStatus | null> {
    return this.database.run(connection, (transaction) => {
      const event = transaction.find(this.database.events, id);
      if (event === undefined) return null;
      const receivers = event.receivers.map((receiver) => this.receiverStatus(transaction, id, receiver));
      return { id, name: event.name, emittedAt: event.createdAt, receivers };
    });
  }

  private receiversOf(transaction: MemoryTransaction, { patterns }: EmitInput): readonly number[] {
    const subscribed = transaction
      .all(this.database.subscriptions)
      .filter(({ pattern }) => patterns.includes(pattern))
      .map(({ receiver }) => receiver);
    return [...new Set(subscribed)].sort((a, b) => a - b);
  }

  /** Takes the keys that are free, in their order, so that two callers that share several wait for each other instead of deadlocking. */
  private async takeKeys(
    transaction: MemoryTransaction,
    inputs: readonly EmitInput[],
  ): Promise<Map<string, { readonly eventId: string; isNew: boolean }>> {
    const holders = new Map<string, { readonly eventId: string; isNew: boolean }>();
    const keyed = inputs.flatMap(({ options: { deduplication, deduplicationWindow = 0 } }) =>
      deduplication === undefined ? [] : [{ key: deduplication, window: deduplicationWindow }],
    );
    for (const { key, window } of [...keyed].sort((a, b) => (a.key < b.key ? -1 : 1))) {
      if (holders.has(key)) continue;
      const taken = await transaction.findForUpdate(this.database.deduplication, key);
      if (taken !== undefined && taken.until > transaction.startedAt) {
        holders.set(key, { eventId: taken.eventId, isNew: false });
        continue;
      }
      const eventId = String(this.database.next('event'));
      transaction.put(this.database.deduplication, key, { key, eventId, until: later(transaction.startedAt, window) });
      holders.set(key, { eventId, isNew: true });
    }
    return holders;
  }

  private write(
    transaction: MemoryTransaction,
    input: EmitInput,
    receivers: readonly number[],
    holders: Map<string, { readonly eventId: string; isNew: boolean }>,
  ): AppendedEvent {
    const holder = holders.get(input.options.deduplication ?? '');
    if (holder?.isNew === false) return { id: holder.eventId, created: false, receivers: 0 };
    // Of those that share a key in one call, the first is written.
    if (holder !== undefined) holder.isNew = false;
    const id = holder?.eventId ?? String(this.database.next('event'));
    transaction.put(this.database.events, id, toEvent(id, input, receivers, transaction.startedAt));
    for (const receiver of receivers) {
      const delivery = this.toDelivery(transaction, id, input, receiver);
      transaction.put(this.database.deliveries, deliveryKey(delivery), delivery);
    }
    return { id, created: true, receivers: receivers.length };
  }

  private toDelivery(
    transaction: MemoryTransaction,
    eventId: string,
    { version, options: { priority, keyLane, delay = 0, runAt } }: EmitInput,
    receiver: number,
  ): MemoryDelivery {
    const now = this.database.clock.now();
    const at = runAt === undefined ? undefined : new Date(runAt);
    const dueAt = delay > 0 ? later(now, delay) : at !== undefined && at > now ? at : null;
    const lane = keyLane === undefined ? null : receiver * LANES_PER_RECEIVER + keyLane;
    // Deliveries of one key must not overtake each other, so theirs lies behind every transaction that was open.
    const readyXid = lane === null ? transaction.number : this.database.behindAll;
    return {
      eventId,
      receiver,
      version,
      priority,
      lane,
      dueAt,
      readyXid: dueAt === null ? readyXid : null,
      claims: 0,
      attempts: 0,
      interruptions: 0,
      worker: null,
      claimedAt: null,
      failures: [],
    };
  }

  private receiverStatus(transaction: MemoryTransaction, eventId: string, receiver: number): ReceiverStatus {
    const { deliveries, deadLetters, receivers } = this.database;
    const name = transaction.all(receivers).find(({ number }) => number === receiver)?.name ?? String(receiver);
    const delivery = transaction.find(deliveries, deliveryKey({ eventId, receiver }));
    if (delivery !== undefined) {
      const { attempts, dueAt } = delivery;
      return { receiver: name, state: stateOf(delivery), attempts, dueAt, reason: null };
    }
    const letter = transaction
      .all(deadLetters)
      .filter((one) => one.eventId === eventId && one.receiver === receiver)
      .sort((a, b) => compareIds(b.id, a.id))[0];
    if (letter === undefined) return { receiver: name, state: 'delivered', attempts: null, dueAt: null, reason: null };
    return { receiver: name, state: letter.kind, attempts: letter.attempts, dueAt: null, reason: letter.reason };
  }
}

function stateOf({ worker, attempts, readyXid }: MemoryDelivery): DeliveryState {
  if (worker !== null) return 'running';
  if (attempts > 0) return 'retrying';
  return readyXid === null ? 'delayed' : 'waiting';
}

function toEvent(
  id: string,
  { name, version, payload, options }: EmitInput,
  receivers: readonly number[],
  createdAt: Date,
): MemoryEvent {
  const { headers = {}, correlationId = null, tenant = null, key = null, tags = [], retain } = options;
  return {
    id,
    name,
    version,
    payload,
    headers,
    correlationId,
    tenant,
    key,
    tags,
    receivers,
    createdAt,
    retainUntil: later(createdAt, retain),
  };
}

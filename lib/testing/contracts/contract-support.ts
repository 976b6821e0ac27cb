import assert from 'node:assert/strict';
import type { ClaimedDelivery } from '../../engine/deliveries/claimed-delivery.js';
import type { EmitInput, EmitInputOptions } from '../../engine/deliveries/emit-input.js';
import type { DeliveryState } from '../../engine/deliveries/event-status.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { RunFailure } from '../../engine/deliveries/outcome.js';
import type { ReceiverDemand, WorkerSession, WorkerSessionListener } from '../../engine/liveness/worker-session.js';
import type { Receiver, Subscription } from '../../engine/receivers/receiver.js';
import type { StorageFixture } from './storage-fixture.js';

const PATIENCE = 30_000;
const ANY_VERSION = 32_767;
/** Long enough for whatever does not wait to have come. */
const MOMENT = 50;

/** A receiver with what the registration reads of it. */
export function receiver(
  id: string,
  patterns: readonly (string | Subscription)[],
  aliases: readonly string[] = [],
): Receiver {
  return {
    id,
    aliases,
    subscriptions: patterns.map((pattern) => (typeof pattern === 'string' ? { pattern, version: null } : pattern)),
    sender: null,
    reach: 'reliable',
    retry: { attempts: 1, delay: () => 0, jitter: 0, isFinal: () => false },
    timeout: null,
    concurrency: null,
    transactional: false,
    invoke: async () => undefined,
  };
}

/** An event of a name, with whatever else is to be said of it. */
export function event(name: string, options: Partial<EmitInputOptions> = {}, version = 1): EmitInput {
  const [first = ''] = name.split('.');
  return {
    name,
    version,
    patterns: [name, `${first}.*`, '*'],
    payload: '{"orderId":7}',
    options: { priority: 4, retain: 3_600_000, ...options },
  };
}

/** Registers receivers by id and patterns, and answers with their numbers in that order. */
export async function registered(
  { registration, events, connection }: StorageFixture,
  patternsOf: Readonly<Record<string, readonly string[]>>,
): Promise<readonly number[]> {
  const receivers = Object.entries(patternsOf).map(([id, patterns]) => receiver(id, patterns));
  const numbers = await registration.register(receivers);
  await events.learnReceivers(connection);
  return receivers.map((one) => numberOf(numbers, one));
}

/** The number under which a receiver is registered. */
export function numberOf(numbers: ReadonlyMap<number, Receiver>, one: Receiver): number {
  const [number] = [...numbers].find(([, registered]) => registered === one) ?? [];
  assert(number !== undefined, `${one.id} has no number`);
  return number;
}

/** Emits events in one call, and answers with their ids. */
export async function emitted(
  { events }: Pick<StorageFixture, 'events'>,
  connection: EngineConnection,
  ...inputs: readonly EmitInput[]
): Promise<readonly string[]> {
  return (await events.append(connection, inputs, false)).map(({ id }) => id);
}

/** The states of an event at its receivers, by their ids; `null` when there is no such event. */
export async function statesOf(
  { events, connection }: StorageFixture,
  id: string | undefined,
): Promise<Readonly<Record<string, DeliveryState>> | null> {
  const status = await events.status(connection, id ?? '0');
  return status === null ? null : Object.fromEntries(status.receivers.map((one) => [one.receiver, one.state]));
}

/** What a session told its worker. */
export interface Told extends WorkerSessionListener {
  readonly events: string[];
}

/** A listener that writes down what it is told. */
export function listener(): Told {
  const events: string[] = [];
  const note = (what: string) => (): void => void events.push(what);
  return {
    events,
    onWake: note('wake'),
    onStirred: note('stirred'),
    onControls: (controls) => void events.push(`controls ${JSON.stringify(controls)}`),
    onProven: note('proven'),
    onUnproven: note('unproven'),
    onFenced: note('fenced'),
    onRecovered: note('recovered'),
    heldDeliveries: () => [],
    onNotice: () => undefined,
  };
}

/** A session that has begun. */
export async function started(
  fixture: StorageFixture,
  told: WorkerSessionListener = listener(),
): Promise<WorkerSession> {
  const session = fixture.session();
  await session.start(told);
  await soon(fixture, 'the session is proven', () => session.isProven());
  return session;
}

/** Claims for receivers, as many as there may be of any version unless told otherwise. */
export async function claimed(
  session: WorkerSession,
  receivers: readonly number[],
  demand: Partial<ReceiverDemand> = {},
): Promise<readonly ClaimedDelivery[]> {
  const demands = receivers.map((number) => ({ receiver: number, limit: 100, version: ANY_VERSION, ...demand }));
  return [...(await session.claim(demands)).deliveries];
}

/** A failed run, as it is kept. */
export function failure(message = 'failed', kind: RunFailure['kind'] = 'failed'): RunFailure {
  return { kind, at: new Date(0).toISOString(), attempt: 1, name: 'Error', message, stack: null };
}

/** Waits for something that comes by itself. */
export async function soon(
  { patience = PATIENCE }: Pick<StorageFixture, 'patience'>,
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > end) assert.fail(`waited in vain: ${what}`);
    await pause(5);
  }
}

/** Whether a promise has not been settled after a moment: what is to wait for somebody else must not come by itself. */
export async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const waits = Symbol('waits');
  promise.catch(() => undefined);
  return (await Promise.race([promise, pause(MOMENT).then(() => waits)])) === waits;
}

/** What a transaction is rolled back by. */
export class RolledBack extends Error {}

/** Runs `work` in a transaction that rolls back, and answers with what it came to. */
export async function rolledBack<Result>(
  { transaction }: Pick<StorageFixture, 'transaction'>,
  work: (connection: EngineConnection) => Promise<Result>,
): Promise<Result> {
  let result: { readonly value: Result } | undefined;
  const done = transaction(async (connection) => {
    result = { value: await work(connection) };
    throw new RolledBack();
  });
  await assert.rejects(done, RolledBack);
  assert(result !== undefined);
  return result.value;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

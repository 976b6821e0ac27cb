import type { Clock } from '../clock/clock.js';
import type { EngineConnection } from '../database/engine-connection.js';
import { UnroutedEventError } from '../../errors/unrouted-event.error.js';
import type { TableNames } from '../schema/table-names.js';
import type { EmitInput } from './emit-input.js';
import { type AppendedEvent, EventStore } from './event-store.port.js';
import type { DeliveryState, EventStatus, ReceiverStatus } from './event-status.js';
import {
  type DuplicateRow,
  emitOnceStatement,
  emitStatement,
  type EmittedRow,
  findDuplicatesStatement,
} from './emit.statements.js';
import { type EmittedOneRow, EmitOneStatement, type EmitOneValues } from './emit-one.statement.js';
import { FanOut, type KnownReceivers } from './fan-out.js';
import type { RecentEvents } from './recent-events.js';
import { eventStatusStatement } from './status.statements.js';
import type { StoredEvent } from './stored-event.js';

interface StatusRow {
  readonly event: string;
  readonly emitted_at: number;
  readonly receiver: string;
  /** `null` on the only row of an event without receivers. */
  readonly state: DeliveryState | null;
  readonly attempts: number | null;
  readonly reason: string | null;
  readonly due_at: number | null;
}

/** Appends events and their deliveries in one statement, on the connection of whoever emits. */
export class PostgresEventStore extends EventStore {
  private readonly emit;
  private readonly emitOne;
  private readonly emitOnce;
  private readonly findDuplicates;
  private readonly eventStatus;
  private readonly fanOut: FanOut;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
    private readonly recent: RecentEvents,
  ) {
    super();
    this.emit = emitStatement(names);
    this.emitOne = new EmitOneStatement(names, recent.keeps);
    this.emitOnce = emitOnceStatement(names);
    this.findDuplicates = findDuplicatesStatement(names);
    this.eventStatus = eventStatusStatement(names);
    this.fanOut = new FanOut(names);
  }

  /** Reads who receives what, so that the first event need not. */
  async learnReceivers(connection: EngineConnection): Promise<void> {
    await this.fanOut.read(connection);
  }

  /**
   * Writes the events and one delivery for each of their receivers; one statement however many there are. The first event after a
   * change of the registration takes two more, to find that out and to read it.
   *
   * @throws UnroutedEventError when `refuseUnrouted` is set and an event has no receiver; nothing is written.
   */
  async append(
    connection: EngineConnection,
    inputs: readonly EmitInput[],
    refuseUnrouted: boolean,
  ): Promise<AppendedEvent[]> {
    const deduplicated = inputs.some((input) => input.options.deduplication !== undefined);
    const [only] = inputs;
    if (only === undefined || inputs.length > 1 || deduplicated)
      return this.appendAll(connection, inputs, deduplicated, refuseUnrouted);
    const known = await this.appendToKnown(connection, only, refuseUnrouted);
    if (known !== undefined) return [known];
    const written = await this.appendAll(connection, inputs, deduplicated, refuseUnrouted);
    await this.fanOut.read(connection);
    return written;
  }

  /** Writes one event for the receivers it is known to have; `undefined` when they are unknown, or others by now. */
  private async appendToKnown(
    connection: EngineConnection,
    input: EmitInput,
    refuseUnrouted: boolean,
  ): Promise<AppendedEvent | undefined> {
    const known = this.fanOut.find(input.patterns);
    if (known === undefined || (refuseUnrouted && known.receivers.length === 0)) return undefined;
    const { statement, parameters } = this.emitOne.of(this.valuesOf(input, known));
    const { rows } = await connection.run<EmittedOneRow>(statement, parameters);
    const row = rows[0];
    if (row === undefined) return undefined;
    const { length: receivers } = known.receivers;
    if (row.created_at !== undefined && receivers > 0)
      this.recent.keep(toStoredEvent(row.id, row.created_at, input, receivers));
    return { id: row.id, created: true, receivers };
  }

  private async appendAll(
    connection: EngineConnection,
    inputs: readonly EmitInput[],
    deduplicated: boolean,
    refuseUnrouted: boolean,
  ): Promise<AppendedEvent[]> {
    const { rows } = await connection.run<EmittedRow>(deduplicated ? this.emitOnce : this.emit, [
      `[${inputs.map(toRecord).join(',')}]`,
      this.clock.offset,
      refuseUnrouted,
    ]);
    if (refuseUnrouted) assertRouted(rows, inputs);
    const holders = await this.holdersOf(connection, rows, inputs);
    return rows.map((row, index) => appended(row, holders.get(inputs[index]?.options.deduplication)));
  }

  /** What became of an event; `null` when there is none, or none any more. */
  async status(connection: EngineConnection, id: string): Promise<EventStatus | null> {
    const { rows } = await connection.run<StatusRow>(this.eventStatus, [id]);
    const [first] = rows;
    if (first === undefined) return null;
    return {
      id,
      name: first.event,
      emittedAt: new Date(first.emitted_at),
      receivers: rows.flatMap((row) => (row.state === null ? [] : [toReceiverStatus(row, row.state)])),
    };
  }

  private valuesOf({ name, version, payload, options }: EmitInput, known: KnownReceivers): EmitOneValues {
    const { headers, correlationId, tenant, key, tags, retain, priority, keyLane, delay = 0, runAt } = options;
    const { offset } = this.clock;
    return {
      name,
      version,
      payload,
      receivers: known.receivers,
      revision: known.revision,
      priority,
      retain,
      headers: headers === undefined ? undefined : JSON.stringify(headers),
      correlationId,
      tenant,
      key,
      keyLane,
      tags,
      delay: delay > 0 ? delay : undefined,
      runAt,
      offset: offset === 0 ? undefined : offset,
    };
  }

  /** The events that hold the keys of those rows which had to wait for another transaction to know, by key; one statement for all. */
  private async holdersOf(
    connection: EngineConnection,
    rows: readonly EmittedRow[],
    inputs: readonly EmitInput[],
  ): Promise<ReadonlyMap<string | undefined, string>> {
    const keys = rows.flatMap(({ id }, index) => (id === null ? [inputs[index]?.options.deduplication] : []));
    if (keys.length === 0) return new Map();
    const { rows: found } = await connection.run<DuplicateRow>(this.findDuplicates, [keys]);
    return new Map(found.map(({ key, id }) => [key, id]));
  }
}

function toReceiverStatus(row: StatusRow, state: DeliveryState): ReceiverStatus {
  const dueAt = row.due_at === null ? null : new Date(row.due_at);
  return { receiver: row.receiver, state, attempts: row.attempts, dueAt, reason: row.reason };
}

function toStoredEvent(id: string, created: number, input: EmitInput, deliveries: number): StoredEvent {
  const { name, version, payload, options } = input;
  const { headers = {}, correlationId = null, tenant = null, key = null } = options;
  return { id, name, version, payload, headers, correlationId, tenant, key, createdAt: new Date(created), deliveries };
}

function appended({ id, created, receivers }: EmittedRow, holder: string | undefined): AppendedEvent {
  if (created && id !== null) return { id, created, receivers };
  const earlier = id ?? holder;
  if (earlier === undefined) throw new Error('The event that held the deduplication key is gone; emit again.');
  return { id: earlier, created: false, receivers: 0 };
}

function assertRouted(rows: readonly EmittedRow[], inputs: readonly EmitInput[]): void {
  const unrouted = rows.findIndex(({ receivers }) => receivers === 0);
  if (unrouted !== -1) throw new UnroutedEventError(inputs[unrouted]?.name ?? '');
}

/** The payload is JSON text already and is spliced in as it is, so that it is written once. */
function toRecord({ name, version, patterns, payload, options }: EmitInput): string {
  return `{"payload":${payload},${JSON.stringify({ name, version, patterns, ...options }).slice(1)}`;
}

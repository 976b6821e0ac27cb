import type { EngineConnection } from '../database/engine-connection.js';
import type { EmitInput } from './emit-input.js';
import type { EventStatus } from './event-status.js';

/** What became of one emitted event. */
export interface AppendedEvent {
  readonly id: string;
  /** `false` when the deduplication key was taken: `id` is that of the event which holds it. */
  readonly created: boolean;
  /** How many receivers it was fanned out to. */
  readonly receivers: number;
}

/**
 * Appends events and their deliveries, on the connection of whoever emits: they are there when its transaction commits, and never were when
 * it rolls back.
 */
export abstract class EventStore {
  /** Reads who receives what, so that the first event need not. */
  abstract learnReceivers(connection: EngineConnection): Promise<void>;

  /**
   * Writes the events and one delivery for each of their receivers, all or none of them.
   *
   * @throws UnroutedEventError when `refuseUnrouted` is set and an event has no receiver; nothing is written.
   */
  abstract append(
    connection: EngineConnection,
    inputs: readonly EmitInput[],
    refuseUnrouted: boolean,
  ): Promise<AppendedEvent[]>;

  /** What became of an event; `null` when there is none, or none any more. */
  abstract status(connection: EngineConnection, id: string): Promise<EventStatus | null>;
}

import type { Clock } from '../clock/clock.js';
import type { EngineConnection } from '../database/engine-connection.js';
import type { TableNames } from '../schema/table-names.js';
import {
  type EmitInput,
  emitOnceStatement,
  emitStatement,
  type EmittedRow,
  findDuplicateStatement,
} from './emit.statements.js';

/** What became of one emitted event. */
export interface AppendedEvent {
  readonly id: string;
  /** `false` when the deduplication key was taken: `id` is that of the event which holds it. */
  readonly created: boolean;
  /** How many receivers it was fanned out to. */
  readonly receivers: number;
}

/** Appends events and their deliveries, on the connection of whoever emits. */
export class EventStore {
  private readonly emit;
  private readonly emitOnce;
  private readonly findDuplicate;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.emit = emitStatement(names);
    this.emitOnce = emitOnceStatement(names);
    this.findDuplicate = findDuplicateStatement(names);
  }

  /**
   * Writes the events and one delivery for each of their receivers; one statement however many there are.
   *
   * @param refuseUnrouted writes nothing when an event has no receiver; the answer then shows 0 receivers for it.
   */
  async append(
    connection: EngineConnection,
    inputs: readonly EmitInput[],
    refuseUnrouted: boolean,
  ): Promise<AppendedEvent[]> {
    const deduplicated = inputs.some((input) => input.options.deduplication !== undefined);
    const { rows } = await connection.run<EmittedRow>(deduplicated ? this.emitOnce : this.emit, [
      `[${inputs.map(toRecord).join(',')}]`,
      this.clock.offset,
      refuseUnrouted,
    ]);
    return Promise.all(rows.map((row, index) => this.appended(connection, row, inputs[index])));
  }

  private async appended(
    connection: EngineConnection,
    row: EmittedRow,
    input: EmitInput | undefined,
  ): Promise<AppendedEvent> {
    if (row.id !== null && row.receivers !== null) return { id: row.id, created: true, receivers: row.receivers };
    return { id: row.id ?? (await this.duplicateOf(connection, input)), created: false, receivers: 0 };
  }

  private async duplicateOf(connection: EngineConnection, input: EmitInput | undefined): Promise<string> {
    const { rows } = await connection.run<{ id: string }>(this.findDuplicate, [input?.options.deduplication]);
    const found = rows[0];
    if (found === undefined) throw new Error('The event that held the deduplication key is gone; emit again.');
    return found.id;
  }
}

/** The payload is JSON text already and is spliced in as it is, so that it is written once. */
function toRecord({ name, version, patterns, payload, options }: EmitInput): string {
  return `{"payload":${payload},${JSON.stringify({ name, version, patterns, ...options }).slice(1)}`;
}

import type { Clock } from '../clock/clock.js';
import type { EngineConnection } from '../database/engine-connection.js';
import { UnroutedEventError } from '../../errors/unrouted-event.error.js';
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
   * @throws UnroutedEventError when `refuseUnrouted` is set and an event has no receiver; nothing is written.
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
    if (refuseUnrouted) assertRouted(rows, inputs);
    return Promise.all(rows.map((row, index) => this.appended(connection, row, inputs[index])));
  }

  private async appended(
    connection: EngineConnection,
    row: EmittedRow,
    input: EmitInput | undefined,
  ): Promise<AppendedEvent> {
    const { id, created, receivers } = row;
    return created && id !== null
      ? { id, created, receivers }
      : { id: id ?? (await this.duplicateOf(connection, input)), created: false, receivers: 0 };
  }

  private async duplicateOf(connection: EngineConnection, input: EmitInput | undefined): Promise<string> {
    const { rows } = await connection.run<{ id: string }>(this.findDuplicate, [input?.options.deduplication]);
    const found = rows[0];
    if (found === undefined) throw new Error('The event that held the deduplication key is gone; emit again.');
    return found.id;
  }
}

function assertRouted(rows: readonly EmittedRow[], inputs: readonly EmitInput[]): void {
  const unrouted = rows.findIndex(({ receivers }) => receivers === 0);
  if (unrouted !== -1) throw new UnroutedEventError(inputs[unrouted]?.name ?? '');
}

/** The payload is JSON text already and is spliced in as it is, so that it is written once. */
function toRecord({ name, version, patterns, payload, options }: EmitInput): string {
  return `{"payload":${payload},${JSON.stringify({ name, version, patterns, ...options }).slice(1)}`;
}

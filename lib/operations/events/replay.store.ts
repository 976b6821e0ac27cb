import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { DeliveryKey } from '../../engine/deliveries/claimed-delivery.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { parseItem } from '../paging/item.js';
import type { EventDetails } from './recorded-event.js';
import {
  adoptLettersStatement,
  type EventTargetsRow,
  eventTargetsStatement,
  findEventStatement,
  type ReplayRow,
  replayStatement,
} from './replay.statements.js';

/** Name of an event, and the numbers of the receivers it went to. */
export interface EventTargets {
  readonly name: string;
  readonly receivers: readonly number[];
}

/** Reads events, and delivers them again. */
export class ReplayStore {
  private readonly findText: Statement;
  private readonly targetsText: Statement;
  private readonly replayText: Statement;
  private readonly adoptText: Statement;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.findText = findEventStatement(names);
    this.targetsText = eventTargetsStatement(names);
    this.replayText = replayStatement(names);
    this.adoptText = adoptLettersStatement(names);
  }

  /** An event with what it carries; `undefined` when there is none. */
  async find(connection: EngineConnection, id: string): Promise<EventDetails | undefined> {
    const { rows } = await connection.run<{ item: string }>(this.findText, [id]);
    return rows[0] === undefined ? undefined : parseItem<EventDetails>(rows[0].item, ['emittedAt', 'retainUntil']);
  }

  /** What an event is called and went to; `undefined` when there is none. */
  async targets(connection: EngineConnection, id: string): Promise<EventTargets | undefined> {
    const { rows } = await connection.run<EventTargetsRow>(this.targetsText, [id]);
    return rows[0] && { name: rows[0].name, receivers: JSON.parse(rows[0].receivers) as number[] };
  }

  /** Delivers events again, within a transaction; those that are gone are missing from the answer. */
  async replay(connection: EngineConnection, keys: readonly DeliveryKey[]): Promise<readonly ReplayRow[]> {
    const values = [keys.map(({ eventId }) => eventId), keys.map(({ receiver }) => receiver), this.clock.offset];
    const { rows } = await connection.run<ReplayRow>(this.replayText, values);
    const created = rows.filter((row) => row.created);
    if (created.length > 0)
      await connection.run(this.adoptText, [created.map((row) => row.event_id), created.map((row) => row.receiver)]);
    return rows;
  }
}

import type { Clock } from '../clock/clock.js';
import { numbersToArray } from '../database/arrays.js';
import type { EngineConnection } from '../database/engine-connection.js';
import type { Statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { claimId, type ClaimedDelivery } from './claimed-delivery.js';
import { DeliveryStore } from './delivery-store.port.js';
import type { SettledDelivery } from './outcome.js';
import {
  acknowledgeOneText,
  acknowledgeStatement,
  buryStatement,
  handBackStatement,
  postponeStatement,
  readEventsStatement,
} from './settle.statements.js';
import type { StoredEvent } from './stored-event.js';

interface SettledRow {
  readonly event_id: string;
  readonly receiver: number;
  readonly claims: number;
}

interface EventRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly payload: string;
  readonly headers: string | null;
  readonly correlation_id: string | null;
  readonly tenant: string | null;
  readonly key: string | null;
  readonly created_at: number;
  readonly deliveries: number;
}

/** Reads the events of claimed deliveries and writes what became of them. Every write is fenced by the claim's number. */
export class PostgresDeliveryStore extends DeliveryStore {
  private readonly readEventsText: Statement;
  private readonly acknowledgeText: Statement;
  private readonly acknowledgeOne: string;
  private readonly postponeText: Statement;
  private readonly handBackText: Statement;
  private readonly buryText: Statement;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    super();
    this.readEventsText = readEventsStatement(names);
    this.acknowledgeText = acknowledgeStatement(names);
    this.acknowledgeOne = acknowledgeOneText(names);
    this.postponeText = postponeStatement(names);
    this.handBackText = handBackStatement(names);
    this.buryText = buryStatement(names);
  }

  /** The events with the given ids, those that exist. */
  async readEvents(connection: EngineConnection, ids: readonly string[]): Promise<StoredEvent[]> {
    const { rows } = await connection.run<EventRow>(this.readEventsText, [numbersToArray(ids)]);
    return rows.map(toStoredEvent);
  }

  /**
   * Acknowledges deliveries.
   *
   * @returns those of the given ones whose claim still held; a loser is missing from it and changed nothing.
   */
  async acknowledge(
    connection: EngineConnection,
    deliveries: readonly ClaimedDelivery[],
  ): Promise<Set<ClaimedDelivery>> {
    const [only] = deliveries;
    if (only !== undefined && deliveries.length === 1) {
      const { eventId, receiver, claims } = only;
      const { rows } = await connection.runUnprepared(this.acknowledgeOne, [eventId, receiver, claims]);
      return new Set(rows.length === 0 ? [] : deliveries);
    }
    const { rows } = await connection.run<SettledRow>(this.acknowledgeText, [
      numbersToArray(deliveries.map((delivery) => delivery.eventId)),
      numbersToArray(deliveries.map((delivery) => delivery.receiver)),
      numbersToArray(deliveries.map((delivery) => delivery.claims)),
    ]);
    if (rows.length === 0) return new Set(deliveries);
    const lost = claimIds(rows);
    return new Set(deliveries.filter((delivery) => !lost.has(claimId(delivery))));
  }

  /**
   * Writes outcomes other than success: postponed, handed back, dead and discarded ones.
   *
   * @returns those of the given ones whose claim still held.
   */
  async settle(connection: EngineConnection, settled: readonly SettledDelivery[]): Promise<Set<ClaimedDelivery>> {
    const written: SettledRow[] = [];
    for (const [statement, records] of this.recordsByStatement(settled)) {
      const time = statement === this.handBackText ? [] : [this.clock.offset];
      const { rows } = await connection.run<SettledRow>(statement, [JSON.stringify(records), ...time]);
      written.push(...rows);
    }
    const held = claimIds(written);
    return new Set(settled.map(({ delivery }) => delivery).filter((delivery) => held.has(claimId(delivery))));
  }

  private recordsByStatement(settled: readonly SettledDelivery[]): Map<Statement, object[]> {
    const records = new Map<Statement, object[]>();
    for (const { delivery, outcome } of settled) {
      const claim = { event_id: delivery.eventId, receiver: delivery.receiver, claims: delivery.claims };
      const add = (statement: Statement, columns: object): void => {
        const list = records.get(statement) ?? [];
        records.set(statement, [...list, { ...claim, ...columns }]);
      };
      switch (outcome.kind) {
        case 'postponed':
          add(this.postponeText, {
            delay: outcome.delay,
            failed: outcome.failure === null ? 0 : 1,
            failure: outcome.failure,
          });
          break;
        case 'interrupted':
          add(this.handBackText, { interrupted: outcome.failure === null ? 0 : 1, failure: outcome.failure });
          break;
        case 'dead':
          add(this.buryText, {
            kind: 'dead',
            reason: outcome.reason,
            failed: outcome.failure === null ? 0 : 1,
            failure: outcome.failure,
          });
          break;
        case 'discarded':
          add(this.buryText, { kind: 'discarded', reason: outcome.reason, failed: 0, failure: null });
          break;
        case 'acknowledged':
        case 'committed':
        case 'lost':
          break;
      }
    }
    return records;
  }
}

function claimIds(rows: readonly SettledRow[]): Set<string> {
  return new Set(rows.map(({ event_id, receiver, claims }) => claimId({ eventId: event_id, receiver, claims })));
}

function toStoredEvent(row: EventRow): StoredEvent {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    payload: row.payload,
    headers: row.headers === null ? {} : (JSON.parse(row.headers) as Record<string, string>),
    correlationId: row.correlation_id,
    tenant: row.tenant,
    key: row.key,
    createdAt: new Date(row.created_at),
    deliveries: row.deliveries,
  };
}

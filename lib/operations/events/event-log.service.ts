import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { DeliveryKey } from '../../engine/deliveries/claimed-delivery.js';
import { deliveryId } from '../../engine/deliveries/claimed-delivery.js';
import type { EventStatus } from '../../engine/deliveries/event-status.js';
import type { EventStore } from '../../engine/deliveries/event-store.port.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { EventNotFoundError } from '../../errors/event-not-found.error.js';
import type { AuditStore } from '../audit/audit.store.js';
import type { ActionOptions } from '../deliveries/deliveries.service.js';
import { type CheckedFilter, checkFilter, EVENT_FILTER_OPTIONS } from '../deliveries/delivery-filter.js';
import { checkIds, isRowId } from '../deliveries/delivery-ids.js';
import { OperationChecks } from '../operation-checks.js';
import type { OperationsSession } from '../operations.session.js';
import { paced } from '../pacing/paced-action.js';
import type { PacedChanges } from '../pacing/paced-changes.js';
import { checkPace, PACED_OPTIONS, type PacedOptions } from '../pacing/paced-options.js';
import { findIdRange } from '../paging/id-range.js';
import { parseItem } from '../paging/item.js';
import { ListReader } from '../paging/list-reader.js';
import { type CappedCount, type Page, PAGE_OPTIONS, PAGE_SIZE, type PageOptions } from '../paging/page.js';
import { eventListing } from './event.listing.js';
import type { EventDetails, EventFilter, RecordedEvent } from './recorded-event.js';
import { replayListing } from './replay.listing.js';
import type { ReplayStore } from './replay.store.js';
import type { ReplayTargets } from './replay-targets.js';

/**
 * To whom to replay an event, and who does so.
 *
 * @publicApi
 */
export interface ReplayOptions extends ActionOptions {
  /** Id of a receiver that listens to the event, or to which it went; left out for all to which it went. */
  readonly receiver?: string;
}

/**
 * What replaying an event led to, by the ids of the deliveries.
 *
 * @publicApi
 */
export interface ReplayedEvent {
  readonly created: readonly string[];
  /** Were open already, and are left as they are. */
  readonly open: readonly string[];
  /** Receivers it went to that are retired, and so were left out. */
  readonly retired: readonly string[];
}

/**
 * Which events to replay, to whom and how fast.
 *
 * @publicApi
 */
export interface ReplaySpanOptions extends PacedOptions, Pick<EventFilter, 'event' | 'tenant'> {
  readonly receiver: string;
  /** Emitted at this time or later. */
  readonly from: Date;
  /** Emitted before this time. */
  readonly to: Date;
  /**
   * `all`: also what the receiver had already; `missed`: only what was never delivered to it, as when it was added later.
   *
   * @default 'all'
   */
  readonly scope?: 'all' | 'missed';
}

const SPAN_OPTIONS = ['receiver', 'event', 'tenant', 'from', 'to', 'scope', ...PACED_OPTIONS];
const SCOPES = ['all', 'missed'] as const;

/**
 * Events that are still kept: what became of them, and their replay.
 *
 * @publicApi
 */
export class EventLog {
  constructor(
    private readonly session: OperationsSession,
    private readonly names: TableNames,
    private readonly events: EventStore,
    private readonly replays: ReplayStore,
    private readonly targets: ReplayTargets,
    private readonly audit: AuditStore,
  ) {}

  /**
   * Lists events, the newest first.
   *
   * @throws InvalidOptionError, UnknownOptionError, PayloadError, EventDefinitionError naming the option.
   */
  async list(options: EventFilter & PageOptions = {}): Promise<Page<RecordedEvent>> {
    const checks = new OperationChecks('EventLog.list');
    checks.object('', options, [...EVENT_FILTER_OPTIONS, ...PAGE_OPTIONS]);
    if (options.limit !== undefined) checks.integer('limit', options.limit, PAGE_SIZE);
    const filter = checkFilter(options, checks);
    return this.session.read(async (connection) =>
      (await this.reader(connection, filter)).page(connection, options, checks, (json) =>
        parseItem<RecordedEvent>(json, ['emittedAt']),
      ),
    );
  }

  /**
   * Counts events, up to 10,000.
   *
   * @throws the same as {@link list}.
   */
  async count(filter: EventFilter = {}): Promise<CappedCount> {
    const checks = new OperationChecks('EventLog.count');
    checks.object('', filter, EVENT_FILTER_OPTIONS);
    const checked = checkFilter(filter, checks);
    return this.session.read(async (connection) => (await this.reader(connection, checked)).count(connection));
  }

  /** An event with what it carries; `null` when there is none of that id, or none any more. */
  async find(id: string): Promise<EventDetails | null> {
    const eventId = eventIdOf(id, new OperationChecks('EventLog.find'));
    if (eventId === undefined) return null;
    return this.session.read(async (connection) => (await this.replays.find(connection, eventId)) ?? null);
  }

  /** What became of an event at each receiver it went to; `null` when there is none of that id, or none any more. */
  async status(id: string): Promise<EventStatus | null> {
    const eventId = eventIdOf(id, new OperationChecks('EventLog.status'));
    if (eventId === undefined) return null;
    return this.session.read((connection) => this.events.status(connection, eventId));
  }

  /**
   * Delivers an event again, to one receiver or to all to which it went. Where its delivery is still open, that one is answered and none
   * added; where it died or was discarded, it goes on with the failures it had.
   *
   * @throws EventNotFoundError, ReceiverNotFoundError
   * @throws ReplayError when the receiver is retired, or would not understand the event.
   */
  async replay(id: string, options: ReplayOptions): Promise<ReplayedEvent> {
    const checks = new OperationChecks('EventLog.replay');
    checks.object('', options, ['actor', 'receiver']);
    const actor = checks.actor(options.actor);
    const { receiver } = checkFilter(
      { ...(options.receiver === undefined ? {} : { receiver: options.receiver }) },
      checks,
    );
    const eventId = eventIdOf(id, checks);
    if (eventId === undefined) throw new EventNotFoundError(id);
    return this.session.act(async (connection) => {
      const event = await this.replays.targets(connection, eventId);
      if (event === undefined) throw new EventNotFoundError(id);
      const { numbers, retired } = await this.targets.ofEvent(connection, event, receiver);
      const rows = await this.replays.replay(
        connection,
        numbers.map((number) => ({ eventId, receiver: number })),
      );
      if (rows.length === 0 && numbers.length > 0) throw new EventNotFoundError(id);
      const ids = (created: boolean): string[] =>
        rows.filter((row) => row.created === created).map((row) => deliveryId({ eventId, receiver: row.receiver }));
      const created = ids(true);
      if (created.length > 0) {
        const details = { deliveries: created };
        await this.audit.record(connection, { actor, action: 'event.replayed', subject: `event:${eventId}`, details });
      }
      return { created, open: ids(false), retired };
    });
  }

  /**
   * Delivers the events of a span of time to a receiver that listens to them, in the order in which they were written, in batches of at
   * most 500, each a transaction of its own. What is open is left as it is, so a call that broke off may be repeated.
   *
   * Transactions that emitted are taken to have been open for an hour at most: an event is dated when its transaction began.
   *
   * @throws InvalidOptionError, UnknownOptionError, PayloadError, EventDefinitionError naming the option.
   * @throws ReceiverNotFoundError
   * @throws ReplayError when the receiver is retired, or does not listen to an event that is named.
   */
  async replaySpan(options: ReplaySpanOptions): Promise<PacedChanges> {
    const checks = new OperationChecks('EventLog.replaySpan');
    checks.object('', options, SPAN_OPTIONS);
    const pace = checkPace(options, checks);
    const scope = options.scope === undefined ? 'all' : checks.oneOf('scope', options.scope, SCOPES);
    checks.moment('from', options.from);
    checks.moment('to', options.to);
    const { receiver = checks.words('receiver', undefined, 1, 'which receiver'), ...filter } = checkFilter(
      options,
      checks,
    );
    const reader = await this.session.read(async (connection) => {
      const numbers = await this.targets.named(connection, receiver, filter.events ?? []);
      const range = await findIdRange(connection, this.names.event, 'created_at', filter);
      const listing = replayListing(this.names, filter, { numbers, missedOnly: scope === 'missed' }, range);
      return new ListReader(listing, ['replay', receiver, scope, filter]);
    });
    return paced<DeliveryKey>(
      {
        read: (after, limit) =>
          this.session.read((connection) =>
            reader.page(
              connection,
              { limit, ...(after === undefined ? {} : { after }) },
              checks,
              (json) => JSON.parse(json) as DeliveryKey,
            ),
          ),
        act: (keys) =>
          this.session.act(async (connection) => {
            const rows = await this.replays.replay(connection, keys);
            const events = rows.filter(({ created }) => created).map((row) => row.event_id);
            const details = { ...filter, scope, events };
            if (events.length > 0) {
              await this.audit.record(connection, {
                actor: pace.actor,
                action: 'event.replayed',
                subject: `receiver:${receiver}`,
                details,
              });
            }
            return { changed: events.length, open: rows.length - events.length };
          }),
      },
      pace,
      options.after,
    );
  }

  private async reader(connection: EngineConnection, filter: CheckedFilter): Promise<ListReader> {
    const range = await findIdRange(connection, this.names.event, 'created_at', filter);
    return new ListReader(eventListing(this.names, filter, range), filter);
  }
}

function eventIdOf(id: unknown, checks: OperationChecks): string | undefined {
  const [checked = ''] = checkIds(id, 'an event', checks);
  return isRowId(checked) ? checked : undefined;
}

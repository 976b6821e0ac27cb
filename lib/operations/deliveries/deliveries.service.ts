import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { DeliveryKey } from '../../engine/deliveries/claimed-delivery.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import type { AuditRecord } from '../audit/audit-entry.js';
import type { AuditStore } from '../audit/audit.store.js';
import type { ErrorGroup } from '../errors/error-group.js';
import type { ErrorGroupOptions } from '../errors/error-group-options.interface.js';
import { ErrorGroupReader } from '../errors/error-group.reader.js';
import { deliveryErrors } from '../errors/error-group.statements.js';
import { OperationChecks } from '../operation-checks.js';
import type { OperationsSession } from '../operations.session.js';
import { findIdRange } from '../paging/id-range.js';
import { parseItem } from '../paging/item.js';
import { ListReader } from '../paging/list-reader.js';
import { type CappedCount, type Page, PAGE_OPTIONS, PAGE_SIZE, type PageOptions } from '../paging/page.js';
import type { KnownReceiversStore } from '../receivers/known-receivers.store.js';
import type { Delivery, DeliveryDetails, OpenDeliveryState } from './delivery.js';
import type { DeliveryChanges } from './delivery-changes.js';
import { checkFilter, FAILURE_FILTER_OPTIONS, type FailureFilter } from './delivery-filter.js';
import { checkIds, deliveryKey } from './delivery-ids.js';
import { deliveryListing, type CheckedDeliveryFilter } from './delivery.listing.js';
import type { OpenDeliveriesStore } from './open-deliveries.store.js';

/**
 * Which open deliveries to list.
 *
 * @publicApi
 */
export interface DeliveryFilter extends FailureFilter {
  readonly state?: OpenDeliveryState;
  /** Of events emitted at this time or later. */
  readonly from?: Date;
  /** Of events emitted before this time. */
  readonly to?: Date;
}

/**
 * Who acts.
 *
 * @publicApi
 */
export interface ActionOptions {
  /** Text of 1 to 255 characters that stays in the audit, such as `user:7` or `script:friday`. */
  readonly actor: string;
}

/**
 * Who ends something unhandled, and why.
 *
 * @publicApi
 */
export interface DiscardOptions extends ActionOptions {
  /** 1 to 2000 characters, kept with what was discarded. */
  readonly reason: string;
}

const STATES = ['waiting', 'delayed', 'retrying', 'running'] as const;
const TIMES = ['dueAt', 'claimedAt', 'emittedAt'] as const;
const FILTER_OPTIONS = [...FAILURE_FILTER_OPTIONS, 'state'];

/**
 * Deliveries that are still open: what waits, runs and is tried again.
 *
 * A delivery that a worker has is never changed underneath it: actions leave it alone and answer it as `busy`.
 *
 * @publicApi
 */
export class Deliveries {
  constructor(
    private readonly session: OperationsSession,
    private readonly names: TableNames,
    private readonly store: OpenDeliveriesStore,
    private readonly receivers: KnownReceiversStore,
    private readonly audit: AuditStore,
  ) {}

  /**
   * Lists open deliveries: those of a receiver in the order in which they run, delayed ones by the time they are due, failed ones error by
   * error, running ones with the oldest event first, all others with the newest event first.
   *
   * @throws InvalidOptionError, UnknownOptionError, PayloadError, EventDefinitionError naming the option.
   * @throws ReceiverNotFoundError
   */
  async list(options: DeliveryFilter & PageOptions = {}): Promise<Page<Delivery>> {
    const checks = new OperationChecks('Deliveries.list');
    checks.object('', options, [...FILTER_OPTIONS, ...PAGE_OPTIONS]);
    if (options.limit !== undefined) checks.integer('limit', options.limit, PAGE_SIZE);
    const filter = checkDeliveryFilter(options, checks);
    return this.session.read(async (connection) =>
      (await this.reader(connection, filter)).page(connection, options, checks, toDelivery),
    );
  }

  /**
   * Counts open deliveries, up to 10,000.
   *
   * @throws the same as {@link list}.
   */
  async count(filter: DeliveryFilter = {}): Promise<CappedCount> {
    const checks = new OperationChecks('Deliveries.count');
    checks.object('', filter, FILTER_OPTIONS);
    const checked = checkDeliveryFilter(filter, checks);
    return this.session.read(async (connection) => (await this.reader(connection, checked)).count(connection));
  }

  /**
   * An open delivery with its event, every failure and who has it; `null` when it is not open.
   *
   * @param id as a list gave it, or as `deliveryId` in the context of a receiver.
   */
  async find(id: string): Promise<DeliveryDetails | null> {
    const [checked = ''] = checkIds(id, 'a delivery', new OperationChecks('Deliveries.find'));
    const key = deliveryKey(checked);
    if (key === undefined) return null;
    return this.session.read(async (connection) => (await this.store.find(connection, key)) ?? null);
  }

  /**
   * Lists the errors that open deliveries failed with, receiver by receiver: those that differ in numbers, uuids and quoted text alone
   * are one.
   *
   * @throws InvalidOptionError, UnknownOptionError, PayloadError naming the option.
   * @throws ReceiverNotFoundError
   */
  async errors(options: ErrorGroupOptions = {}): Promise<Page<ErrorGroup>> {
    const checks = new OperationChecks('Deliveries.errors');
    checks.object('', options, ['receiver', ...PAGE_OPTIONS]);
    if (options.limit !== undefined) checks.integer('limit', options.limit, PAGE_SIZE);
    const { receiver } = checkFilter(options, checks);
    return this.session.read(async (connection) => {
      const numbers = await this.numbersOf(connection, receiver);
      return new ErrorGroupReader(this.names, deliveryErrors(this.names), numbers).page(connection, options, checks);
    });
  }

  /**
   * Makes deliveries ready now that are delayed or wait for their next attempt. Their failures stay counted.
   *
   * @param ids one, or up to 1000.
   * @throws InvalidOptionError when no actor is given.
   */
  async retry(ids: string | readonly string[], options: ActionOptions): Promise<DeliveryChanges> {
    const checks = new OperationChecks('Deliveries.retry');
    checks.object('', options, ['actor']);
    const record = { actor: checks.actor(options.actor), action: 'delivery.retried' } as const;
    return this.change(ids, checks, record, (connection, keys) => this.store.retry(connection, keys));
  }

  /**
   * Puts deliveries off until a time; one that is past makes them ready now.
   *
   * @param ids one, or up to 1000.
   */
  async reschedule(ids: string | readonly string[], at: Date, options: ActionOptions): Promise<DeliveryChanges> {
    const checks = new OperationChecks('Deliveries.reschedule');
    checks.object('', options, ['actor']);
    const moment = checks.moment('at', at);
    const actor = checks.actor(options.actor);
    const record = { actor, action: 'delivery.rescheduled', details: { at: moment } } as const;
    return this.change(ids, checks, record, (connection, keys) => this.store.reschedule(connection, keys, moment));
  }

  /**
   * Ends deliveries without their being handled. They stay visible as discarded for as long as the event is kept.
   *
   * @param ids one, or up to 1000.
   */
  async discard(ids: string | readonly string[], options: DiscardOptions): Promise<DeliveryChanges> {
    const checks = new OperationChecks('Deliveries.discard');
    checks.object('', options, ['actor', 'reason']);
    const actor = checks.actor(options.actor);
    const reason = checks.reason(options.reason);
    const record = { actor, action: 'delivery.discarded', reason } as const;
    return this.change(ids, checks, record, (connection, keys) => this.store.discard(connection, keys, reason));
  }

  private async reader(connection: EngineConnection, filter: CheckedDeliveryFilter): Promise<ListReader> {
    const numbers = await this.numbersOf(connection, filter.receiver);
    const range = await findIdRange(connection, this.names.event, 'created_at', filter);
    return new ListReader(deliveryListing(this.names, filter, numbers, range), filter);
  }

  private async numbersOf(connection: EngineConnection, receiver: string | undefined): Promise<number[] | null> {
    if (receiver === undefined) return null;
    return (await this.receivers.named(connection, receiver)).map(({ number }) => number);
  }

  private async change(
    ids: string | readonly string[],
    checks: OperationChecks,
    record: Omit<AuditRecord, 'subject'>,
    act: (connection: EngineConnection, keys: readonly DeliveryKey[]) => Promise<DeliveryChanges>,
  ): Promise<DeliveryChanges> {
    const checked = checkIds(ids, 'a delivery', checks);
    const keys = checked.flatMap((id) => deliveryKey(id) ?? []);
    const changes = await this.session.act(async (connection) => {
      const made = await act(connection, keys);
      await this.audit.recordEach(
        connection,
        record,
        made.changed.map((id) => `delivery:${id}`),
      );
      return made;
    });
    return { ...changes, missing: [...changes.missing, ...checked.filter((id) => deliveryKey(id) === undefined)] };
  }
}

function checkDeliveryFilter(filter: DeliveryFilter, checks: OperationChecks): CheckedDeliveryFilter {
  const state = filter.state === undefined ? undefined : checks.oneOf('state', filter.state, STATES);
  return { ...checkFilter(filter, checks), state };
}

function toDelivery(json: string): Delivery {
  return parseItem<Delivery>(json, TIMES);
}

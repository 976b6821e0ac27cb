import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import type { AuditStore } from '../audit/audit.store.js';
import type { ActionOptions, DiscardOptions } from '../deliveries/deliveries.service.js';
import { checkFilter, FAILURE_FILTER_OPTIONS, type FailureFilter } from '../deliveries/delivery-filter.js';
import { checkIds, isRowId } from '../deliveries/delivery-ids.js';
import type { ErrorGroup } from '../errors/error-group.js';
import type { ErrorGroupOptions } from '../errors/error-group-options.interface.js';
import { ErrorGroupReader } from '../errors/error-group.reader.js';
import { deadLetterErrors } from '../errors/error-group.statements.js';
import { OperationChecks } from '../operation-checks.js';
import type { OperationsSession } from '../operations.session.js';
import { paced } from '../pacing/paced-action.js';
import type { PacedChanges } from '../pacing/paced-changes.js';
import { checkPace, PACED_OPTIONS, type PacedOptions } from '../pacing/paced-options.js';
import { findIdRange } from '../paging/id-range.js';
import { parseItem } from '../paging/item.js';
import { ListReader } from '../paging/list-reader.js';
import { type CappedCount, type Page, PAGE_OPTIONS, PAGE_SIZE, type PageOptions } from '../paging/page.js';
import type { KnownReceiversStore } from '../receivers/known-receivers.store.js';
import type { DeadLetter, DeadLetterDetails, DeadLetterKind } from './dead-letter.js';
import { type CheckedDeadLetterFilter, deadLetterListing } from './dead-letter.listing.js';
import type { DeadLettersStore } from './dead-letters.store.js';

/**
 * Which dead letters to list.
 *
 * @publicApi
 */
export interface DeadLetterFilter extends FailureFilter {
  /** @default 'dead' */
  readonly kind?: DeadLetterKind;
  /** Died at this time or later. */
  readonly from?: Date;
  /** Died before this time. */
  readonly to?: Date;
}

/**
 * What an action did to the dead letters it was asked for, by their ids.
 *
 * @publicApi
 */
export interface DeadLetterChanges {
  readonly changed: readonly string[];
  /** Their delivery is open already, so it was left alone. */
  readonly open: readonly string[];
  /** Not there, or settled already. */
  readonly missing: readonly string[];
}

const FILTER_OPTIONS = [...FAILURE_FILTER_OPTIONS, 'kind'];
const KINDS = ['dead', 'discarded'] as const;

/**
 * Deliveries that ended without having been handled.
 *
 * @publicApi
 */
export class DeadLetters {
  constructor(
    private readonly session: OperationsSession,
    private readonly names: TableNames,
    private readonly store: DeadLettersStore,
    private readonly receivers: KnownReceiversStore,
    private readonly audit: AuditStore,
  ) {}

  /**
   * Lists dead letters, the youngest first.
   *
   * @throws InvalidOptionError, UnknownOptionError, PayloadError, EventDefinitionError naming the option.
   * @throws ReceiverNotFoundError
   */
  async list(options: DeadLetterFilter & PageOptions = {}): Promise<Page<DeadLetter>> {
    const checks = new OperationChecks('DeadLetters.list');
    checks.object('', options, [...FILTER_OPTIONS, ...PAGE_OPTIONS]);
    if (options.limit !== undefined) checks.integer('limit', options.limit, PAGE_SIZE);
    const filter = checkDeadLetterFilter(options, checks);
    return this.session.read(async (connection) =>
      (await this.reader(connection, filter, true)).page(connection, options, checks, toDeadLetter),
    );
  }

  /**
   * Counts dead letters, up to 10,000.
   *
   * @throws the same as {@link list}.
   */
  async count(filter: DeadLetterFilter = {}): Promise<CappedCount> {
    const checks = new OperationChecks('DeadLetters.count');
    checks.object('', filter, FILTER_OPTIONS);
    const checked = checkDeadLetterFilter(filter, checks);
    return this.session.read(async (connection) => (await this.reader(connection, checked, true)).count(connection));
  }

  /** A dead letter with its event and every failure; `null` when there is none of that id. */
  async find(id: string): Promise<DeadLetterDetails | null> {
    const [checked = ''] = checkIds(id, 'a dead letter', new OperationChecks('DeadLetters.find'));
    if (!isRowId(checked)) return null;
    return this.session.read(async (connection) => (await this.store.find(connection, checked)) ?? null);
  }

  /**
   * Lists the errors that dead letters ended with, receiver by receiver: those that differ in numbers, uuids and quoted text alone are one.
   *
   * @throws InvalidOptionError, UnknownOptionError, PayloadError naming the option.
   * @throws ReceiverNotFoundError
   */
  async errors(options: ErrorGroupOptions = {}): Promise<Page<ErrorGroup>> {
    const checks = new OperationChecks('DeadLetters.errors');
    checks.object('', options, ['receiver', ...PAGE_OPTIONS]);
    if (options.limit !== undefined) checks.integer('limit', options.limit, PAGE_SIZE);
    const { receiver } = checkFilter(options, checks);
    return this.session.read(async (connection) => {
      const numbers = await this.numbersOf(connection, receiver);
      return new ErrorGroupReader(this.names, deadLetterErrors(this.names), numbers).page(connection, options, checks);
    });
  }

  /**
   * Makes dead letters deliveries again that are ready now: with their failures kept and all attempts before them. Called twice, or by
   * two at once, it makes one delivery.
   *
   * @param ids one, or up to 1000.
   * @throws InvalidOptionError when no actor is given.
   */
  async redrive(ids: string | readonly string[], options: ActionOptions): Promise<DeadLetterChanges> {
    const checks = new OperationChecks('DeadLetters.redrive');
    checks.object('', options, ['actor']);
    const actor = checks.actor(options.actor);
    const list = checkIds(ids, 'a dead letter', checks);
    return this.session.act(async (connection) => {
      const rows = await this.store.redrive(connection, list.filter(isRowId));
      const changed = rows.filter(({ result }) => result === 'changed').map(({ id }) => id);
      await this.audit.recordEach(connection, { actor, action: 'dead-letter.redriven' }, changed.map(subjectOf));
      return {
        changed,
        open: rows.filter(({ result }) => result === 'open').map(({ id }) => id),
        missing: [...rows.filter(({ result }) => result === 'missing').map(({ id }) => id), ...list.filter(isNoRowId)],
      };
    });
  }

  /**
   * Redrives all dead letters that a filter lets through (`{}` for all), the oldest first, in batches of at most 500, each a transaction of
   * its own. With `rate` no more than so many a second.
   *
   * @throws the same as {@link list}, and InvalidOptionError when no actor is given.
   */
  async redriveMatching(filter: Omit<DeadLetterFilter, 'kind'>, options: PacedOptions): Promise<PacedChanges> {
    const checks = new OperationChecks('DeadLetters.redriveMatching');
    checks.object('filter', filter, FAILURE_FILTER_OPTIONS);
    checks.object('', options, PACED_OPTIONS);
    const pace = checkPace(options, checks);
    const checked = checkDeadLetterFilter(filter, checks);
    const reader = await this.session.read((connection) => this.reader(connection, checked, false));
    return paced<string>(
      {
        read: (after, limit) =>
          this.session.read((connection) =>
            reader.page(
              connection,
              { limit, ...(after === undefined ? {} : { after }) },
              checks,
              (json) => toDeadLetter(json).id,
            ),
          ),
        act: (ids) =>
          this.session.act(async (connection) => {
            const rows = await this.store.redrive(connection, ids);
            const changed = rows.filter(({ result }) => result === 'changed').map(({ id }) => id);
            const details = { filter, ids: changed };
            if (changed.length > 0) {
              await this.audit.record(connection, {
                actor: pace.actor,
                action: 'dead-letter.redriven',
                subject: 'dead-letters',
                details,
              });
            }
            return { changed: changed.length, open: rows.filter(({ result }) => result === 'open').length };
          }),
      },
      pace,
      options.after,
    );
  }

  /**
   * Settles dead letters without their being handled. They stay visible as discarded for as long as the event is kept.
   *
   * @param ids one, or up to 1000.
   */
  async discard(ids: string | readonly string[], options: DiscardOptions): Promise<DeadLetterChanges> {
    const checks = new OperationChecks('DeadLetters.discard');
    checks.object('', options, ['actor', 'reason']);
    const actor = checks.actor(options.actor);
    const reason = checks.reason(options.reason);
    const list = checkIds(ids, 'a dead letter', checks);
    return this.session.act(async (connection) => {
      const rows = await this.store.discard(connection, list.filter(isRowId), reason);
      const changed = rows.filter(({ result }) => result === 'changed').map(({ id }) => id);
      const record = { actor, action: 'dead-letter.discarded', reason } as const;
      await this.audit.recordEach(connection, record, changed.map(subjectOf));
      const missing = rows.filter(({ result }) => result === 'missing').map(({ id }) => id);
      return { changed, open: [], missing: [...missing, ...list.filter(isNoRowId)] };
    });
  }

  private async reader(
    connection: EngineConnection,
    filter: CheckedDeadLetterFilter,
    descending: boolean,
  ): Promise<ListReader> {
    const numbers = await this.numbersOf(connection, filter.receiver);
    const range = await findIdRange(connection, this.names.deadLetter, 'died_at', filter);
    return new ListReader(deadLetterListing(this.names, filter, numbers, range, descending), [filter, descending]);
  }

  private async numbersOf(connection: EngineConnection, receiver: string | undefined): Promise<number[] | null> {
    if (receiver === undefined) return null;
    return (await this.receivers.named(connection, receiver)).map(({ number }) => number);
  }
}

function checkDeadLetterFilter(filter: DeadLetterFilter, checks: OperationChecks): CheckedDeadLetterFilter {
  const { kind = 'dead' } = filter;
  return { ...checkFilter(filter, checks), kind: checks.oneOf('kind', kind, KINDS) };
}

function toDeadLetter(json: string): DeadLetter {
  return parseItem<DeadLetter>(json, ['diedAt', 'emittedAt']);
}

function subjectOf(id: string): string {
  return `dead-letter:${id}`;
}

function isNoRowId(id: string): boolean {
  return !isRowId(id);
}

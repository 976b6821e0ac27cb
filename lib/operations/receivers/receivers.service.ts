import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Lifecycle } from '../../engine/lifecycle/lifecycle.service.js';
import type { ReceiverControlStore } from '../../engine/receivers/receiver-control-store.port.js';
import type { RegisteredReceiver } from '../../engine/receivers/registered-receiver.js';
import type { Registration } from '../../engine/receivers/registration.js';
import type { RegistrationStore } from '../../engine/receivers/registration-store.port.js';
import type { WakeUp } from '../../engine/wake-up/wake-up.port.js';
import { ReceiverNotFoundError } from '../../errors/receiver-not-found.error.js';
import type { AuditAction } from '../audit/audit-entry.js';
import type { AuditStore } from '../audit/audit.store.js';
import type { ActionOptions } from '../deliveries/deliveries.service.js';
import { OperationChecks } from '../operation-checks.js';
import type { OperationsSession } from '../operations.session.js';
import { type Page, PAGE_SIZE } from '../paging/page.js';
import type { ReceiverOverview } from './receiver-overview.js';
import type { ReceiverOverviewStore } from './receiver-overview.store.js';

/**
 * Which part of the registered receivers to list.
 *
 * @publicApi
 */
export interface ReceiverListOptions {
  /** Id of the last receiver of the part before; left out for the first part. */
  readonly after?: string;
  /**
   * Receivers at most, 1 to 1000.
   *
   * @default 100
   */
  readonly limit?: number;
}

/**
 * Over which time to say what receivers did.
 *
 * @publicApi
 */
export interface ReceiverActivityOptions {
  /**
   * Minutes back from now, 1 to 1440.
   *
   * @default 5
   */
  readonly minutes?: number;
}

/** What receivers are made of, beside what operations share. */
export interface ReceiverParts {
  readonly registration: Registration;
  readonly registered: RegistrationStore;
  readonly controls: ReceiverControlStore;
  readonly overviews: ReceiverOverviewStore;
  readonly audit: AuditStore;
  readonly wakeUp: WakeUp;
  readonly lifecycle: Lifecycle;
}

const DEFAULT_LIMIT = 100;
const DEFAULT_MINUTES = 5;
/** A day: what was longer ago is not kept. */
const MINUTES = { min: 1, max: 1440 };
const CONCURRENCY = { min: 1, max: 10_000 };

/**
 * The receivers that events are fanned out to, as the database knows them: those of every process, not of this one alone.
 *
 * @publicApi
 */
export class Receivers {
  constructor(
    private readonly session: OperationsSession,
    private readonly parts: ReceiverParts,
  ) {}

  /** Records the receivers of this process, also where the module was told not to (`register: false`). */
  async register(): Promise<void> {
    await this.parts.registration.record();
  }

  /**
   * Lists registered receivers in the order of their ids, retired ones too.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async list(options: ReceiverListOptions = {}): Promise<readonly RegisteredReceiver[]> {
    const checks = new OperationChecks('Receivers.list');
    checks.object('', options, ['after', 'limit']);
    const { after, limit } = checkPart(options, checks);
    await this.parts.registration.ready();
    return this.parts.registered.list(after, limit);
  }

  /**
   * Lists registered receivers with how they are doing: who has them, what waits, since when, and what they did lately.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async overview(options: ReceiverListOptions & ReceiverActivityOptions = {}): Promise<Page<ReceiverOverview>> {
    const checks = new OperationChecks('Receivers.overview');
    checks.object('', options, ['after', 'limit', 'minutes']);
    const query = { ...checkPart(options, checks), minutes: checkMinutes(options, checks) };
    const items = await this.session.read((connection) => this.parts.overviews.read(connection, query));
    return { items, next: items.length < query.limit ? null : (items.at(-1)?.id ?? null) };
  }

  /**
   * How one receiver is doing; `null` when none of that id is registered.
   *
   * @param id its present name.
   */
  async find(id: string, options: ReceiverActivityOptions = {}): Promise<ReceiverOverview | null> {
    const checks = new OperationChecks('Receivers.find');
    checks.object('', options, ['minutes']);
    const query = { id: checkId(id, checks), limit: 1, minutes: checkMinutes(options, checks) };
    return this.session.read(async (connection) => (await this.parts.overviews.read(connection, query))[0] ?? null);
  }

  /**
   * Pauses a receiver in every process, those that start later too, until it is resumed. It takes a second or two; what runs goes on, and
   * what had been claimed but not begun is given back. Deliveries are still written and wait.
   *
   * @param id its present name.
   * @throws InvalidOptionError when no actor is given.
   * @throws ReceiverNotFoundError
   */
  async pause(id: string, options: ActionOptions): Promise<void> {
    const { actor } = await this.act('pause', 'receiver.paused', id, options, undefined, (connection, by) =>
      this.parts.controls.pause(connection, id, by),
    );
    this.parts.wakeUp.controlsChanged();
    this.parts.lifecycle.tell('paused', { receiverId: id, actor });
  }

  /**
   * Lets a paused receiver go on, in every process; it takes a second or two.
   *
   * @param id its present name.
   * @throws InvalidOptionError when no actor is given.
   * @throws ReceiverNotFoundError
   */
  async resume(id: string, options: ActionOptions): Promise<void> {
    const { actor } = await this.act('resume', 'receiver.resumed', id, options, undefined, (connection) =>
      this.parts.controls.resume(connection, id),
    );
    this.parts.wakeUp.controlsChanged();
    this.parts.lifecycle.tell('resumed', { receiverId: id, actor });
  }

  /**
   * Sets how many runs of a receiver each process may have at once, those that start later too; it takes a second or two. Runs beyond the
   * number go on. A transactional receiver still waits for one of its process's transactions.
   *
   * @param id its present name.
   * @param concurrency 1 to 10,000; `null` for what the code says.
   * @throws InvalidOptionError when the number is none, or no actor is given.
   * @throws ReceiverNotFoundError
   */
  async setConcurrency(id: string, concurrency: number | null, options: ActionOptions): Promise<void> {
    const checks = new OperationChecks('Receivers.setConcurrency');
    const number = concurrency === null ? null : checks.integer('concurrency', concurrency, CONCURRENCY);
    const details = { concurrency: number };
    const { actor } = await this.act('setConcurrency', 'receiver.concurrency-set', id, options, details, (connection) =>
      this.parts.controls.setConcurrency(connection, id, number),
    );
    this.parts.wakeUp.controlsChanged();
    this.parts.lifecycle.tell('concurrencyChanged', { receiverId: id, actor, concurrency: number });
  }

  /**
   * Ends the fan-out to a receiver. Deliveries it has still run where it exists; a process that contains it registers it again when it
   * starts, so take it out of the code first.
   *
   * @param id its present name.
   * @throws InvalidOptionError when no actor is given.
   * @throws ReceiverNotFoundError
   */
  async retire(id: string, options: ActionOptions): Promise<void> {
    const { actor } = await this.act('retire', 'receiver.retired', id, options, undefined, (connection) =>
      this.parts.registered.retire(connection, id),
    );
    this.parts.lifecycle.tell('retired', { receiverId: id, actor });
  }

  private async act(
    verb: string,
    action: AuditAction,
    id: string,
    options: ActionOptions,
    details: Readonly<Record<string, unknown>> | undefined,
    work: (connection: EngineConnection, actor: string) => Promise<boolean>,
  ): Promise<{ readonly actor: string }> {
    const checks = new OperationChecks(`Receivers.${verb}`);
    checkId(id, checks);
    checks.object('', options, ['actor']);
    const actor = checks.actor(options.actor);
    await this.session.act(async (connection) => {
      if (!(await work(connection, actor))) throw new ReceiverNotFoundError(id);
      const record = { actor, action, subject: `receiver:${id}` };
      await this.parts.audit.record(connection, details === undefined ? record : { ...record, details });
    });
    return { actor };
  }
}

function checkPart(
  { after, limit = DEFAULT_LIMIT }: ReceiverListOptions,
  checks: OperationChecks,
): { readonly after: string | undefined; readonly limit: number } {
  if (after !== undefined) checkId(after, checks, 'after');
  return { after, limit: checks.integer('limit', limit, PAGE_SIZE) };
}

function checkMinutes({ minutes = DEFAULT_MINUTES }: ReceiverActivityOptions, checks: OperationChecks): number {
  return checks.integer('minutes', minutes, MINUTES);
}

function checkId(id: unknown, checks: OperationChecks, option = 'id'): string {
  const text = checks.text(option, id, 'the id of a receiver');
  return checks.storable(option, text);
}

import type { DataSource, EntityManager } from 'typeorm';
import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { ConnectionApart } from '../../engine/database/connection-apart.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { EngineDatabase } from '../../engine/database/engine-database.js';
import { isInTransaction } from '../../engine/database/postgres-driver.js';
import type { TransactionJoiner } from '../../engine/database/transaction-joiner.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { checkTenant } from '../../events/payload/check-labels.js';
import type { OptionChecks } from '../../options/option-checks.js';
import { isJobFact } from '../facts/job-fact.js';
import type { JobFacts } from '../facts/job-facts.js';
import type { Job } from '../model/job.js';
import { checkPrincipal, SYSTEM } from '../model/principal.js';
import type { JobPlans } from '../plans/job-plans.js';
import type { JobChange, JobSelector, JobStore, JobSubject } from '../store/job-store.port.js';
import { jobTransitions } from '../store/job-transitions.js';
import type { TargetResolver } from '../targets/target-resolver.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { JobTypeRegistry, RegisteredJobType } from '../types/job-type.registry.js';
import { storable } from './job-checks.js';
import type { ChangedJobs, ChangeOptions, JobReference, SubjectOptions } from './job-options.interface.js';

/** The transaction a change is part of. */
export interface JobTransaction {
  readonly manager: EntityManager;
  readonly connection: EngineConnection;
}

/** A transaction as far as a change needs it; one that no manager is for wakes the workers itself. */
export type WrittenIn = Pick<JobTransaction, 'connection'> & { readonly manager: EntityManager | undefined };

const KEY_LIMIT = 255;
const NOTE_LIMIT = 10_000;
// What PostgreSQL can keep in an index entry is 2704 bytes.
const SUBJECT_LIMIT = 2_000;
const JOBS_LIMIT = 10_000;
const SHOWN_LENGTH = 40;
const ID = /^[1-9]\d{0,18}$/;
const HIGHEST_ID = 2n ** 63n - 1n;

/** What all changes of jobs share: the transaction they join, whom they are about, and the fact they tell in it. */
export class JobChanges {
  constructor(
    private readonly dataSource: DataSource,
    private readonly database: EngineDatabase,
    private readonly beside: ConnectionApart,
    private readonly joiner: TransactionJoiner,
    readonly store: JobStore,
    readonly types: JobTypeRegistry,
    readonly targets: TargetResolver,
    readonly facts: JobFacts,
    private readonly plans: JobPlans,
    private readonly ready: () => Promise<unknown>,
  ) {}

  /**
   * Runs `work` in the transaction the caller is in, or else in one of its own.
   *
   * @throws ForeignManagerError when the manager belongs to another data source.
   * @throws TransactionRequiredError when the module requires a transaction and there is none to join.
   */
  async within<Result>(
    { manager }: Pick<ChangeOptions, 'manager'>,
    work: (transaction: JobTransaction) => Promise<Result>,
  ): Promise<Result> {
    await this.ready();
    const joined = await this.joiner.managerFor({ manager });
    if (await isInTransaction(joined)) return this.workOn(joined, work);
    return joined.transaction('READ COMMITTED', (own) => this.workOn(own, work));
  }

  /** Reads in the transaction the caller is in, if there is one. */
  async reading<Result>(
    { manager }: Pick<ChangeOptions, 'manager'>,
    work: (connection: EngineConnection) => Promise<Result>,
  ): Promise<Result> {
    await this.ready();
    const joined = await this.joiner.managerFor({ manager, requireTransaction: false });
    return work(await this.database.connectionOf(joined));
  }

  /** Runs single statements on any connection, whatever transaction the caller is in. */
  async outside<Result>(work: (connection: EngineConnection) => Promise<Result>): Promise<Result> {
    await this.ready();
    return work(this.database.connection);
  }

  /** Runs `work` in a transaction of its own, whatever transaction the caller is in. */
  async ownTransaction<Result>(work: (transaction: JobTransaction) => Promise<Result>): Promise<Result> {
    await this.ready();
    return this.dataSource.transaction('READ COMMITTED', (manager) => this.workOn(manager, work));
  }

  /**
   * Runs `work` in a transaction on a connection that is kept for this: callers hold connections of the pool, and may hold all of them.
   */
  async apart<Result>(work: (transaction: WrittenIn) => Promise<Result>): Promise<Result> {
    await this.ready();
    const { result, connection } = await this.beside.transaction(async (own) => ({
      result: await work({ connection: own, manager: undefined }),
      connection: own,
    }));
    this.facts.committed(connection);
    return result;
  }

  /** Makes a change, tells its fact, and lets plans go on from there. */
  async change(transaction: WrittenIn, change: JobChange): Promise<Job[]> {
    const { manager, connection } = transaction;
    const jobs = await this.store.change(connection, change);
    const { action } = jobTransitions[change.transition];
    if (isJobFact(action)) await this.facts.tell(manager, connection, action, jobs, change.actor);
    const passed = jobs.filter(({ status, closeReason }) => status === 'completed' || closeReason === 'skipped');
    if (action === 'completed' || action === 'cancelled') await this.plans.advance(this, transaction, passed);
    return jobs;
  }

  /** Makes a change that only guards decide about. */
  async apply(
    reference: JobReference | JobTypeClass,
    options: ChangeOptions & SubjectOptions,
    transition: JobChange['transition'],
    input: JobChange['input'] = {},
  ): Promise<ChangedJobs> {
    const selector = this.selectorOf(reference, options);
    const change = { transition, selector, actor: actorOf(options), input, note: noteOf(options) };
    const jobs = await this.within(options, (transaction) => this.change(transaction, change));
    return { changed: jobs.length, jobs };
  }

  /** Which jobs a reference stands for; an id that can be no job's stands for none. */
  selectorOf(reference: JobReference | JobTypeClass, options: SubjectOptions): JobSelector {
    if (typeof reference === 'function') {
      return { subject: this.subjectOf(this.types.get(reference), options), key: keyOf(options) ?? null };
    }
    const id = idOf(reference);
    return { ids: id === undefined ? [] : [id] };
  }

  subjectOf({ definition }: RegisteredJobType, options: SubjectOptions): JobSubject {
    const target = this.targets.referenceOf(options.target, definition.target);
    const subject = {
      tenant: checkTenant(options.tenant) ?? '',
      type: definition.name,
      targetType: target.type,
      targetId: target.id,
    };
    const bytes = Buffer.byteLength(Object.values(subject).join('') + (keyOf(options) ?? ''));
    if (bytes <= SUBJECT_LIMIT) return subject;
    throw new JobsError(
      `target: with tenant and key it has ${bytes} bytes, more than the ${SUBJECT_LIMIT} allowed; use a shorter key, such as a hash.`,
    );
  }

  /** The job of a reference as it is now; `undefined` when there is none. */
  async find(connection: EngineConnection, reference: JobReference): Promise<Job | undefined> {
    const id = idOf(reference);
    return id === undefined ? undefined : (await this.store.findByIds(connection, [id]))[0];
  }

  /**
   * The job of a reference as it is now.
   *
   * @throws JobNotFoundError
   */
  async current({ connection }: WrittenIn, reference: JobReference): Promise<Job> {
    const job = await this.find(connection, reference);
    if (job === undefined) throw new JobNotFoundError(shownId(reference));
    return job;
  }

  private async workOn<Result>(
    manager: EntityManager,
    work: (transaction: JobTransaction) => Promise<Result>,
  ): Promise<Result> {
    return work({ manager, connection: await this.database.connectionOf(manager) });
  }
}

/** Who makes a change. */
export function actorOf({ by }: Pick<ChangeOptions, 'by'>): string {
  return by === undefined ? SYSTEM : checkPrincipal('by', by);
}

export function noteOf({ note }: Pick<ChangeOptions, 'note'>): string | null {
  if (note === undefined) return null;
  if (typeof note === 'string' && note.length <= NOTE_LIMIT) return storable('note', note);
  const given = typeof note === 'string' ? `a text of ${note.length}` : kindOf(note);
  throw new JobsError(`note: must be a text of at most ${NOTE_LIMIT} characters, but is ${given}.`);
}

/** The key of one of several jobs of a type and target. */
export function keyOf({ key }: Pick<SubjectOptions, 'key'>): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === 'string' && key !== '' && key.length <= KEY_LIMIT) return storable('key', key);
  const given = typeof key === 'string' ? `a text of ${key.length}` : kindOf(key);
  throw new JobsError(`key: must be a text of 1 to ${KEY_LIMIT} characters or left out, but is ${given}.`);
}

/**
 * The id of a job; `undefined` for a text that can be no job's id.
 *
 * @throws JobsError when it is neither a job nor a text.
 */
export function idOf(reference: JobReference): string | undefined {
  const id = givenId(reference);
  if (typeof id !== 'string') throw new JobsError(`job: ${kindOf(id)} is no job; pass a job, or its id as text.`);
  return ID.test(id) && BigInt(id) <= HIGHEST_ID ? id : undefined;
}

/**
 * Ids of several jobs, each once; texts that can be no job's id are left out.
 *
 * @throws JobsError when it is no list, or one of it is neither a job nor a text.
 */
export function idsOf(checks: OptionChecks, option: string, references: unknown): string[] {
  const list = checks.items(option, references, JOBS_LIMIT, `a list of at most ${JOBS_LIMIT} jobs or their ids`);
  return [...new Set(list.flatMap((reference) => idOf(reference as JobReference) ?? []))];
}

/** The id of a reference as an error may show it. */
export function shownId(reference: JobReference): string {
  return idOf(reference) ?? JSON.stringify(String(givenId(reference)).slice(0, SHOWN_LENGTH));
}

function givenId(reference: unknown): unknown {
  try {
    return typeof reference === 'object' && reference !== null && 'id' in reference ? reference.id : reference;
  } catch {
    return reference;
  }
}

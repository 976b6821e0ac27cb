import type { DataSource, EntityManager } from 'typeorm';
import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { EngineDatabase } from '../../engine/database/engine-database.js';
import type { TransactionJoiner } from '../../engine/database/transaction-joiner.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { checkTenant } from '../../events/payload/check-labels.js';
import { isJobFact } from '../facts/job-fact.js';
import type { JobFacts } from '../facts/job-facts.js';
import type { Job } from '../model/job.js';
import { checkPrincipal, SYSTEM } from '../model/principal.js';
import type { JobChange, JobSelector, JobStore, JobSubject } from '../store/job-store.js';
import { jobTransitions } from '../store/job-transitions.js';
import type { TargetResolver } from '../targets/target-resolver.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { JobTypeRegistry, RegisteredJobType } from '../types/job-type.registry.js';
import type { ChangedJobs, ChangeOptions, JobReference, SubjectOptions } from './job-options.interface.js';

/** The transaction a change is part of. */
export interface JobTransaction {
  readonly manager: EntityManager;
  readonly connection: EngineConnection;
}

const KEY_LIMIT = 255;
const NOTE_LIMIT = 10_000;
const ID = /^\d{1,19}$/;

/** What all changes of jobs share: the transaction they join, whom they are about, and the fact they tell in it. */
export class JobChanges {
  constructor(
    private readonly dataSource: DataSource,
    private readonly database: EngineDatabase,
    private readonly joiner: TransactionJoiner,
    readonly store: JobStore,
    readonly types: JobTypeRegistry,
    readonly targets: TargetResolver,
    readonly facts: JobFacts,
    private readonly ready: () => Promise<unknown>,
  ) {}

  /** Runs `work` in the transaction the caller is in, or else in one of its own. */
  async within<Result>(
    options: ChangeOptions,
    work: (transaction: JobTransaction) => Promise<Result>,
  ): Promise<Result> {
    await this.ready();
    const joined = await this.joiner.managerFor({ manager: options.manager, requireTransaction: false });
    if (joined.queryRunner?.isTransactionActive === true) return this.workOn(joined, work);
    return this.ownTransaction(work);
  }

  /** Runs `work` in a transaction of its own, whatever transaction the caller is in. */
  async ownTransaction<Result>(work: (transaction: JobTransaction) => Promise<Result>): Promise<Result> {
    return this.dataSource.transaction((manager) => this.workOn(manager, work));
  }

  /** Makes a change and tells its fact. */
  async change({ manager, connection }: JobTransaction, change: JobChange): Promise<Job[]> {
    const jobs = await this.store.change(connection, change);
    const { action } = jobTransitions[change.transition];
    if (isJobFact(action)) await this.facts.tell(manager, connection, action, jobs, change.actor);
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
    const jobs = await this.within(options, (transaction) =>
      this.change(transaction, { transition, selector, actor: actorOf(options), input, note: noteOf(options) }),
    );
    return { changed: jobs.length, jobs };
  }

  /** Which jobs a reference stands for. */
  selectorOf(reference: JobReference | JobTypeClass, options: SubjectOptions): JobSelector {
    if (typeof reference === 'function') {
      return {
        subject: this.subjectOf(this.types.get(reference), options),
        key: options.key === undefined ? null : keyOf(options),
      };
    }
    return { ids: [idOf(reference)] };
  }

  subjectOf({ definition }: RegisteredJobType, options: SubjectOptions): JobSubject {
    const target = this.targets.referenceOf(options.target, definition.target);
    return {
      tenant: checkTenant(options.tenant) ?? '',
      type: definition.name,
      targetType: target.type,
      targetId: target.id,
    };
  }

  /** The job of a reference as it is now. */
  async current({ connection }: JobTransaction, reference: JobReference): Promise<Job> {
    const id = idOf(reference);
    const [job] = await this.store.findByIds(connection, [id]);
    if (job === undefined) throw new JobNotFoundError(id);
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
export function actorOf({ by }: ChangeOptions): string {
  return by === undefined ? SYSTEM : checkPrincipal('by', by);
}

export function noteOf({ note }: ChangeOptions): string | null {
  if (note === undefined) return null;
  if (typeof note === 'string' && note.length <= NOTE_LIMIT) return note;
  throw new JobsError(`note: must be a text of at most ${NOTE_LIMIT} characters, but is ${kindOf(note)}.`);
}

/** The key of one of several jobs of a type and target. */
export function keyOf({ key }: SubjectOptions): string {
  if (key === undefined) return '';
  if (typeof key === 'string' && key.length <= KEY_LIMIT) return key;
  throw new JobsError(`key: must be a text of at most ${KEY_LIMIT} characters, but is ${kindOf(key)}.`);
}

export function idOf(reference: JobReference): string {
  const id: unknown = typeof reference === 'string' ? reference : reference.id;
  if (typeof id === 'string' && ID.test(id)) return id;
  throw new JobNotFoundError(typeof id === 'string' ? JSON.stringify(id.slice(0, 40)) : kindOf(id));
}

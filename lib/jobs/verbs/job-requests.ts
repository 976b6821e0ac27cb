import type { EntityManager } from 'typeorm';
import { checkPrincipal, eventActor, type Principal, SYSTEM } from '../model/principal.js';
import type { Job } from '../model/job.js';
import type { JobRequestInput, RememberedCompletion } from '../store/job-store.port.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { RegisteredJobType } from '../types/job-type.registry.js';
import { actorOf, type JobChanges, keyOf, noteOf, type WrittenIn } from './job-changes.js';
import { JobChecks } from './job-checks.js';
import { checkMetadata } from './job-json.js';
import { CHANGE_OPTIONS, SUBJECT_OPTIONS } from './job-option-names.js';
import type { AnyRequest, RequestedJob, RequestManyOptions, RequestOptions } from './job-options.interface.js';

/** A request whose input is checked, but for the assignee when the type finds it by the target. */
interface PreparedRequest {
  readonly type: RegisteredJobType;
  readonly input: JobRequestInput;
  readonly actor: string;
  readonly note: string | null;
  readonly assign: ((manager: EntityManager) => Promise<string | null>) | undefined;
}

const REQUEST_OPTIONS = [
  ...CHANGE_OPTIONS,
  ...SUBJECT_OPTIONS,
  'assignee',
  'candidates',
  'metadata',
  'dueIn',
  'dueAt',
  'expiresIn',
  'expiresAt',
  'priority',
  'tags',
  'unique',
  'onRepeat',
] as const satisfies readonly (keyof RequestOptions)[];
// Milliseconds that whoever raises a job waits for a transaction that may be about to request the same.
const PATIENCE = 250;
const WITHOUT_MANAGER = REQUEST_OPTIONS.filter((option) => option !== 'manager');

/** Requests jobs, once for each matter. */
export class JobRequests {
  constructor(private readonly changes: JobChanges) {}

  async request(type: JobTypeClass | string, options: AnyRequest): Promise<RequestedJob> {
    const checks = new JobChecks('request');
    checks.options(options, REQUEST_OPTIONS);
    const prepared = await this.prepare(checks, type, options);
    return this.changes.within(options, async (transaction) =>
      this.write(transaction, await assigned(prepared, transaction.manager)),
    );
  }

  /** Requests several in one transaction, in an order of their own, so that two callers do not wait for each other. */
  async requestMany(
    requests: readonly (Omit<AnyRequest, 'manager'> & { readonly type: JobTypeClass | string })[],
    options: RequestManyOptions,
  ): Promise<RequestedJob[]> {
    const checks = new JobChecks('requestMany');
    checks.options(options, ['manager', 'by', 'note']);
    const { manager: _, ...shared } = options;
    const prepared = await Promise.all(
      checks.items('requests', requests, Infinity, 'a list of requests').map((given, index) => {
        const checks = new JobChecks(`requestMany[${index}]`);
        const { type, ...request } = checks.record('', given, 'a request with its type') as (typeof requests)[number];
        checks.options(request, WITHOUT_MANAGER);
        return this.prepare(checks, type, { ...shared, ...request });
      }),
    );
    const inOrder = [...prepared.entries()].sort(([, a], [, b]) => compare(sortKey(a), sortKey(b)));
    return this.changes.within(options, async (transaction) => {
      const requested: RequestedJob[] = [];
      for (const [index, request] of inOrder) {
        requested[index] = await this.write(transaction, await assigned(request, transaction.manager));
      }
      return requested;
    });
  }

  /**
   * Requests a job in a short transaction of its own: the ambient one may be about to roll back, and the job must outlive it.
   *
   * It waits for nobody but others who raise the same: a job that somebody else's transaction holds is returned without counting, and
   * while somebody else's transaction requests it and is still open, it is requested beside that.
   */
  async raise(type: JobTypeClass | string, options: Omit<AnyRequest, 'manager'>): Promise<RequestedJob> {
    const checks = new JobChecks('raise');
    checks.options(options, WITHOUT_MANAGER);
    const prepared = await assigned(await this.prepare(checks, type, options), this.changes.targets.manager);
    const { input } = prepared;
    const { store } = this.changes;
    return this.changes.apart(async (transaction) => {
      await store.takeTurnsToRaise(transaction.connection, input);
      const open = await this.openOf(transaction, input);
      if (open !== undefined) {
        const counts = open.status === 'pending' && (await store.tryLock(transaction.connection, open.id));
        return { job: counts ? await this.repeat(transaction, prepared, open) : open, created: false };
      }
      if (await store.tryTurn(transaction.connection, input, PATIENCE)) return this.write(transaction, prepared);
      return this.insert(transaction, { ...prepared, input: { ...input, uniqueness: 'none' } });
    });
  }

  /** Requests the step of a plan that follows a job, unless it ever was. */
  async requestStep(transaction: WrittenIn, type: RegisteredJobType, before: Job): Promise<void> {
    const { targetType, targetId, tenant, key, assignee, plan } = before;
    const { definition } = type;
    const isAnybodys = definition.assignee === undefined && definition.candidates.length === 0;
    const prepared = await this.prepare(new JobChecks('request'), definition.name, {
      ...(targetType === '' ? {} : { target: { type: targetType, id: targetId } }),
      ...(tenant === '' ? {} : { tenant }),
      ...(key === '' ? {} : { key }),
      ...(isAnybodys ? { assignee: assignee as Principal | null } : {}),
      note: `The next step of ${String(plan)} after job ${before.id}.`,
    });
    const { connection } = transaction;
    await this.changes.store.takeTurns(connection, prepared.input);
    if ((await this.changes.store.findEver(connection, prepared.input, prepared.input.key)) !== undefined) return;
    await this.insert(transaction, await assigned(prepared, transaction.manager ?? this.changes.targets.manager));
  }

  private async write(transaction: WrittenIn, prepared: PreparedRequest): Promise<RequestedJob> {
    const { input } = prepared;
    // A completion must not miss a request that is not committed yet, nor the request what the completion leaves behind.
    await this.changes.store.takeTurns(transaction.connection, input);
    if (input.uniqueness !== 'ever') return this.insert(transaction, prepared);
    const earlier = await this.openOf(transaction, input);
    if (earlier === undefined) return this.insert(transaction, prepared);
    return { job: await this.repeat(transaction, prepared, earlier), created: false };
  }

  private async insert(transaction: WrittenIn, { input, actor, note }: PreparedRequest): Promise<RequestedJob> {
    const { store, facts } = this.changes;
    const { job, created, remembered } = await store.request(transaction.connection, input, actor, note);
    if (!created) return { job, created };
    if (remembered !== undefined) return { job: await this.completeEarly(transaction, job, remembered), created };
    await facts.tell(transaction.manager, transaction.connection, 'requested', [job], actor);
    return { job, created };
  }

  private async completeEarly(transaction: WrittenIn, job: Job, early: RememberedCompletion): Promise<Job> {
    const [completed] = await this.changes.change(transaction, {
      transition: 'complete',
      selector: { ids: [job.id] },
      actor: early.actor ?? (early.eventId === null ? SYSTEM : eventActor(early.eventId)),
      input: {
        closeReason: early.reason,
        outcome: early.outcome,
        result: early.result,
        metadata: early.metadata ?? {},
      },
      note: 'It was done before it was requested.',
    });
    return completed ?? job;
  }

  /** Counts a repeat on a job that is open; on one that was closed meanwhile there is nothing to count. */
  private async repeat(transaction: WrittenIn, { input, actor, note }: PreparedRequest, open: Job): Promise<Job> {
    const { metadata, onRepeat, dueIn, dueAt, expiresIn, expiresAt } = input;
    const [repeated] = await this.changes.change(transaction, {
      transition: 'repeat',
      selector: { ids: [open.id] },
      actor,
      input: { metadata, onRepeat, dueIn, dueAt, expiresIn, expiresAt },
      note,
    });
    return repeated ?? open;
  }

  /** The job that a request repeats. */
  private async openOf({ connection }: WrittenIn, input: JobRequestInput): Promise<Job | undefined> {
    if (input.uniqueness === 'none') return undefined;
    if (input.uniqueness === 'ever') return this.changes.store.findEver(connection, input, input.key);
    return (await this.changes.store.findPending(connection, input, input.key))[0];
  }

  private async prepare(
    checks: JobChecks,
    reference: JobTypeClass | string,
    options: AnyRequest,
  ): Promise<PreparedRequest> {
    const type = this.changes.types.get(reference);
    const { definition } = type;
    const subject = this.changes.subjectOf(type, options);
    const { assignee = definition.assignee } = options;
    return {
      type,
      actor: actorOf(options),
      note: noteOf(options),
      assign:
        options.assignee === undefined && typeof assignee === 'function'
          ? async (manager) =>
              assigneeBy(assignee, await this.changes.targets.entityOf(options.target, subject, manager))
          : undefined,
      input: {
        ...subject,
        typeVersion: definition.version,
        key: keyOf(options) ?? '',
        assignee:
          assignee === undefined ||
          assignee === null ||
          (assignee === definition.assignee && typeof assignee === 'function')
            ? null
            : checkPrincipal('assignee', assignee),
        candidates: checks.principals('candidates', options.candidates ?? definition.candidates),
        priority: checks.priority(options.priority ?? definition.priority),
        plan: definition.plan,
        step: definition.step,
        metadata: await checkMetadata(options.metadata ?? {}, definition.metadata),
        tags: checks.tags(options.tags),
        ...moment(checks, 'due', options.dueIn, options.dueAt, definition.dueIn),
        ...moment(checks, 'expires', options.expiresIn, options.expiresAt, definition.expiresIn),
        uniqueness: checks.oneOf('unique', options.unique ?? 'open', ['open', 'ever', 'none']),
        onRepeat: checks.oneOf('onRepeat', options.onRepeat ?? 'keep', ['keep', 'merge', 'extend']),
      },
    };
  }
}

async function assigned(prepared: PreparedRequest, manager: EntityManager): Promise<PreparedRequest> {
  if (prepared.assign === undefined) return prepared;
  return { ...prepared, input: { ...prepared.input, assignee: await prepared.assign(manager) } };
}

/** Whom a type's function names; nobody when the target is gone. */
async function assigneeBy(assignee: (target: never) => unknown, target: object | null): Promise<string | null> {
  if (target === null) return null;
  const principal = await assignee(target as never);
  return principal === null || principal === undefined ? null : checkPrincipal('assignee', principal);
}

/** The time a request gives, or else the type's. */
function moment(
  checks: JobChecks,
  name: 'due' | 'expires',
  within: unknown,
  at: unknown,
  otherwise: number | undefined,
): Partial<JobRequestInput> {
  if (within !== undefined && at !== undefined) {
    throw checks.invalid(`${name}At`, `left out when ${name}In is given`, at);
  }
  if (at !== undefined) return { [`${name}At`]: checks.moment(`${name}At`, at) };
  if (within !== undefined) return { [`${name}In`]: checks.ahead(`${name}In`, within) };
  return otherwise === undefined ? {} : { [`${name}In`]: otherwise };
}

function sortKey({ input: { tenant, type, targetType, targetId, key } }: PreparedRequest): string {
  return JSON.stringify([tenant, type, targetType, targetId, key]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

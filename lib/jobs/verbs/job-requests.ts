import type { StandardSchemaV1 } from '@standard-schema/spec';
import { JobsError } from '../../errors/jobs.error.js';
import { checkTags } from '../../events/payload/check-labels.js';
import { encodePayload } from '../../events/payload/encode-payload.js';
import { OptionChecks } from '../../options/option-checks.js';

import { checkPrincipal, eventActor, SYSTEM } from '../model/principal.js';
import { JOB_JSON_LIMIT } from '../schema/job-entities.js';
import type { JobRequestInput } from '../store/job-store.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import type { RegisteredJobType } from '../types/job-type.registry.js';
import { actorOf, type JobChanges, type JobTransaction, keyOf } from './job-changes.js';
import type { RequestedJob, RequestOptions } from './job-options.interface.js';

const PRIORITY = { min: -100, max: 100 } as const;

/** A request whose input is checked. */
interface PreparedRequest {
  readonly type: RegisteredJobType;
  readonly input: JobRequestInput;
  readonly actor: string;
}

/** Requests jobs, once for each matter. */
export class JobRequests {
  private readonly checks = new OptionChecks('request');

  constructor(private readonly changes: JobChanges) {}

  async request(type: JobTypeClass | string, options: RequestOptions): Promise<RequestedJob> {
    const prepared = await this.prepare(type, options);
    return this.changes.within(options, (transaction) => this.write(transaction, prepared));
  }

  /** Requests several in one transaction, in an order of their own, so that two callers do not wait for each other. */
  async requestMany(
    requests: readonly (RequestOptions & { readonly type: JobTypeClass | string })[],
    options: Pick<RequestOptions, 'manager' | 'by'>,
  ): Promise<RequestedJob[]> {
    const prepared = await Promise.all(
      requests.map(({ type, ...request }) => this.prepare(type, { ...options, ...request })),
    );
    const order = prepared.map((_, index) => index).sort((a, b) => compare(sortKey(prepared[a]), sortKey(prepared[b])));
    return this.changes.within(options, async (transaction) => {
      const requested: RequestedJob[] = [];
      for (const index of order) {
        const one = prepared[index];
        if (one !== undefined) requested[index] = await this.write(transaction, one);
      }
      return requested;
    });
  }

  /**
   * Requests a job in a short transaction of its own: the ambient one may be about to roll back, and the job must outlive it. Repeats
   * hold the open job's row only as long as counting takes.
   */
  async raise(type: JobTypeClass | string, options: Omit<RequestOptions, 'manager'>): Promise<RequestedJob> {
    const prepared = await this.prepare(type, options);
    return this.changes.ownTransaction((transaction) => this.write(transaction, prepared));
  }

  private async write(transaction: JobTransaction, { type, input, actor }: PreparedRequest): Promise<RequestedJob> {
    const { store, facts } = this.changes;
    const { early: whenEarly, completeOn, cancelOn } = type.definition;
    const remembers = whenEarly === 'remember';
    // An event must not miss a request that is not committed yet, nor the request what the event leaves behind.
    if (remembers || completeOn.length > 0 || cancelOn.length > 0) await store.takeTurns(transaction.connection, input);
    const { job, created } = await store.request(transaction.connection, input, actor);
    if (!created) return { job, created };
    const early = remembers ? await store.recall(transaction.connection, input) : undefined;
    if (early === undefined) {
      await facts.tell(transaction.manager, transaction.connection, 'requested', [job], actor);
      return { job, created };
    }
    const [completed] = await this.changes.change(transaction, {
      transition: 'complete',
      selector: { ids: [job.id] },
      actor: early.eventId === null ? SYSTEM : eventActor(early.eventId),
      input: { closeReason: early.reason, outcome: early.outcome },
      note: 'It was done before it was requested.',
    });
    return { job: completed ?? job, created };
  }

  private async prepare(reference: JobTypeClass | string, options: RequestOptions): Promise<PreparedRequest> {
    const type = this.changes.types.get(reference);
    const { definition } = type;
    const metadata = await checkJson('metadata', options.metadata ?? {}, definition.metadata);
    return {
      type,
      actor: actorOf(options),
      input: {
        ...this.changes.subjectOf(type, options),
        typeVersion: definition.version,
        key: keyOf(options),
        assignee: this.assigneeOf(type, options),
        candidates: (options.candidates ?? definition.candidates).map((candidate, index) =>
          checkPrincipal(`candidates[${index}]`, candidate),
        ),
        priority: this.checks.integer('priority', options.priority ?? definition.priority, PRIORITY),
        plan: definition.plan,
        step: definition.step,
        metadata,
        tags: checkTags(options.tags) ?? [],
        ...this.moment(
          'due',
          options.dueIn ?? (options.dueAt === undefined ? definition.dueIn : undefined),
          options.dueAt,
        ),
        ...this.moment(
          'expires',
          options.expiresIn ?? (options.expiresAt === undefined ? definition.expiresIn : undefined),
          options.expiresAt,
        ),
        uniqueness: this.checks.oneOf('unique', options.unique ?? 'open', ['open', 'ever', 'none']),
        onRepeat: this.checks.oneOf('onRepeat', options.onRepeat ?? 'keep', ['keep', 'merge', 'extend']),
      },
    };
  }

  private assigneeOf({ definition }: RegisteredJobType, { assignee, target }: RequestOptions): string | null {
    if (assignee === null) return null;
    if (assignee !== undefined) return checkPrincipal('assignee', assignee);
    if (typeof definition.assignee !== 'function') return definition.assignee ?? null;
    const assigned: unknown = definition.assignee(target as never);
    return assigned === null ? null : checkPrincipal('assignee', assigned);
  }

  private moment<Name extends 'due' | 'expires'>(
    name: Name,
    within: unknown,
    at: Date | undefined,
  ): Partial<JobRequestInput> {
    if (within !== undefined && at !== undefined)
      throw this.checks.invalid(`${name}At`, `left out when ${name}In is given`, at);
    if (within !== undefined) return { [`${name}In`]: this.checks.duration(`${name}In`, within) };
    return at === undefined ? {} : { [`${name}At`]: isoOf(this.checks, `${name}At`, at) };
  }
}

/** A moment as ISO text. */
export function isoOf(checks: OptionChecks, option: string, at: unknown): string {
  if (at instanceof Date && !Number.isNaN(at.getTime())) return at.toISOString();
  throw checks.invalid(option, 'a valid Date', at);
}

/**
 * Checks what a job is to keep: by the type's schema, whose output is kept, and by size.
 *
 * @throws JobsError, PayloadError naming the field.
 */
export async function checkJson(
  field: string,
  value: unknown,
  schema: StandardSchemaV1 | undefined,
): Promise<Record<string, unknown>> {
  const checked = schema === undefined ? value : await validated(field, value, schema);
  const text = encodePayload(checked, { root: field, limitBytes: JOB_JSON_LIMIT });
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw new JobsError(`${field}: must be an object.`);
}

async function validated(field: string, value: unknown, schema: StandardSchemaV1): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = (issue?.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  throw new JobsError(`${[field, ...path].join('.')}: ${issue?.message ?? 'is refused by the schema'}`);
}

function sortKey(request: PreparedRequest | undefined): string {
  return request === undefined
    ? ''
    : JSON.stringify([
        request.input.tenant,
        request.input.type,
        request.input.targetType,
        request.input.targetId,
        request.input.key,
      ]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { JobsError } from '../../errors/jobs.error.js';
import { OptionChecks } from '../../options/option-checks.js';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { Job } from '../model/job.js';
import { checkPrincipal, type Principal } from '../model/principal.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { actorOf, type JobChanges, noteOf } from './job-changes.js';
import type { ChangedJobs, ChangeOptions, JobReference } from './job-options.interface.js';

/**
 * How a job is claimed.
 *
 * @publicApi
 */
export interface ClaimOptions extends ChangeOptions {
  /** Who claims it. */
  readonly by: Principal;
  /** After this time without a release the claim lapses; it never does unless given. */
  readonly lapsesIn?: Duration;
}

/**
 * Which job to claim next.
 *
 * @publicApi
 */
export interface ClaimNextOptions extends ClaimOptions {
  /** Principals the claimer stands for, such as roles, beside `by`. */
  readonly as?: readonly Principal[];
  readonly types?: readonly (JobTypeClass | string)[];
  /** Tags the job must all have. */
  readonly tags?: readonly string[];
  readonly tenant?: string;
}

/** Lets people take jobs from a common pool, each by one of them. */
export class JobClaims {
  private readonly checks = new OptionChecks('claim');

  constructor(private readonly changes: JobChanges) {}

  async claim(reference: JobReference, options: ClaimOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'claim', this.claimInput(options));
  }

  /** Claims the most urgent free job among those open to the claimer; two callers never get the same. */
  async claimNext(options: ClaimNextOptions): Promise<Job | null> {
    const by = checkPrincipal('by', options.by);
    const principals = [by, ...(options.as ?? []).map((principal, index) => checkPrincipal(`as[${index}]`, principal))];
    const input = {
      ...this.claimInput(options),
      ...(options.types === undefined
        ? {}
        : { types: options.types.map((type) => this.changes.types.get(type).definition.name) }),
      ...(options.tags === undefined ? {} : { tags: options.tags }),
      ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    };
    return this.changes.within(options, async ({ manager, connection }) => {
      const job = await this.changes.store.claimNext(connection, principals, input, by);
      if (job !== undefined) await this.changes.facts.tell(manager, connection, 'claimed', [job], by);
      return job ?? null;
    });
  }

  /** Gives a claim back; with `by` only if it is theirs. */
  async release(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'release', options.by === undefined ? {} : { by: actorOf(options) });
  }

  async assign(reference: JobReference, assignee: Principal | null, options: ChangeOptions): Promise<ChangedJobs> {
    const input = { assignee: assignee === null ? null : checkPrincipal('assignee', assignee) };
    return this.changes.apply(reference, options, 'assign', input);
  }

  /** Hands a job to other candidates: it is assigned to nobody and free to be claimed. */
  async transfer(
    reference: JobReference,
    candidates: readonly Principal[],
    options: ChangeOptions,
  ): Promise<ChangedJobs> {
    if (candidates.length === 0)
      throw new JobsError('candidates: must name at least one principal, or nobody could take the job.');
    const checked = candidates.map((candidate, index) => checkPrincipal(`candidates[${index}]`, candidate));
    return this.changes.apply(reference, options, 'transfer', { candidates: checked });
  }

  private claimInput(options: ClaimOptions): Record<string, unknown> {
    noteOf(options);
    const by = checkPrincipal('by', options.by);
    if (options.lapsesIn === undefined) return { by };
    return { by, lapsesIn: this.checks.duration('lapsesIn', options.lapsesIn) };
  }
}

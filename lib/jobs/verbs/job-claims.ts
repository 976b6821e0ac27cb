import { checkTenant } from '../../events/payload/check-labels.js';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { Job } from '../model/job.js';
import { checkPrincipal, type Principal } from '../model/principal.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { actorOf, type JobChanges, type JobTransaction, noteOf } from './job-changes.js';
import { JobChecks } from './job-checks.js';
import { CHANGE_OPTIONS } from './job-option-names.js';
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

const CLAIM_OPTIONS = [...CHANGE_OPTIONS, 'lapsesIn'] as const satisfies readonly (keyof ClaimOptions)[];
const CLAIM_NEXT_OPTIONS = [
  ...CLAIM_OPTIONS,
  'as',
  'types',
  'tags',
  'tenant',
] as const satisfies readonly (keyof ClaimNextOptions)[];
const TYPES_LIMIT = 100;
const TYPE_LENGTH = 255;
/** How many jobs a claimer may be refused before the search ends. */
const REFUSALS = 100;

/** Lets people take jobs from a common pool, each by one of them. */
export class JobClaims {
  constructor(private readonly changes: JobChanges) {}

  async claim(reference: JobReference, options: ClaimOptions): Promise<ChangedJobs> {
    const checks = new JobChecks('claim');
    checks.options(options, CLAIM_OPTIONS);
    return this.changes.apply(reference, options, 'claim', claimInput(checks, options));
  }

  /** Claims the most urgent free job among those open to the claimer; two callers never get the same. */
  async claimNext(options: ClaimNextOptions): Promise<Job | null> {
    return this.claimNextAllowed(options, async () => true);
  }

  /** The same among those that `allows` says yes to. */
  async claimNextAllowed(
    options: ClaimNextOptions,
    allows: (job: Job, transaction: JobTransaction) => Promise<boolean>,
  ): Promise<Job | null> {
    const { principals, query, claim } = this.checked(options);
    const change = { transition: 'claim', actor: options.by, input: claim, note: noteOf(options) } as const;
    return this.changes.within(options, async (transaction) => {
      const except: string[] = [];
      while (except.length < REFUSALS) {
        const job = await this.changes.store.lockNext(transaction.connection, principals, { ...query, except });
        if (job === undefined) return null;
        if (await allows(job, transaction)) {
          const [claimed] = await this.changes.change(transaction, { ...change, selector: { ids: [job.id] } });
          return claimed ?? null;
        }
        except.push(job.id);
      }
      return null;
    });
  }

  /** Gives a claim back; with `by` only if it is theirs. */
  async release(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    new JobChecks('release').options(options, CHANGE_OPTIONS);
    return this.changes.apply(reference, options, 'release', options.by === undefined ? {} : { by: actorOf(options) });
  }

  async assign(reference: JobReference, assignee: Principal | null, options: ChangeOptions): Promise<ChangedJobs> {
    new JobChecks('assign').options(options, CHANGE_OPTIONS);
    const input = { assignee: assignee === null ? null : checkPrincipal('assignee', assignee) };
    return this.changes.apply(reference, options, 'assign', input);
  }

  /** Hands a job to other candidates: it is assigned to nobody and free to be claimed. */
  async transfer(
    reference: JobReference,
    candidates: readonly Principal[],
    options: ChangeOptions,
  ): Promise<ChangedJobs> {
    const checks = new JobChecks('transfer');
    checks.options(options, CHANGE_OPTIONS);
    const checked = checks.principals('candidates', candidates);
    if (checked.length === 0) {
      throw checks.invalid('candidates', 'a list of at least one principal, or nobody could take the job', candidates);
    }
    return this.changes.apply(reference, options, 'transfer', { candidates: checked });
  }

  private typeNames(checks: JobChecks, types: unknown): readonly string[] {
    const list = checks.items('types', types, TYPES_LIMIT, `a list of at most ${TYPES_LIMIT} types`);
    return list.map((type, index) =>
      typeof type === 'function'
        ? this.changes.types.get(type as JobTypeClass).definition.name
        : checks.words(`types[${index}]`, type, TYPE_LENGTH),
    );
  }

  private checked(options: ClaimNextOptions): {
    readonly principals: readonly Principal[];
    readonly query: Readonly<Record<string, unknown>>;
    readonly claim: Readonly<Record<string, unknown>>;
  } {
    const checks = new JobChecks('claimNext');
    checks.options(options, CLAIM_NEXT_OPTIONS);
    const { by, as = [], types, tags, tenant } = options;
    return {
      claim: claimInput(checks, options),
      principals: [checkPrincipal('by', by), ...checks.principals('as', as)],
      query: {
        types: types === undefined ? undefined : this.typeNames(checks, types),
        tags: tags === undefined ? undefined : checks.tags(tags),
        tenant: checkTenant(tenant) ?? undefined,
      },
    };
  }
}

function claimInput(checks: JobChecks, { by, lapsesIn }: ClaimOptions): Readonly<Record<string, unknown>> {
  return {
    by: checkPrincipal('by', by),
    lapsesIn: lapsesIn === undefined ? undefined : checks.ahead('lapsesIn', lapsesIn),
  };
}

import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { JobCloseReason, Job } from '../model/job.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import { toJob } from './job-row.js';
import type { JobTransitionName } from './job-transitions.js';
import {
  claimNextStatement,
  findByIdStatement,
  findEverStatement,
  findPendingStatement,
  forgetStatement,
  lockStatement,
  type JobRowText,
  recallStatement,
  rememberStatement,
  type RequestedRow,
  requestStatement,
  sweepStatement,
  takeTurnsStatement,
  transitionStatement,
} from './job.statements.js';

/** What names the jobs of one matter. */
export interface JobSubject {
  readonly tenant: string;
  readonly type: string;
  readonly targetType: string;
  readonly targetId: string;
}

/** Jobs by their ids, or those of a subject and, unless it is null, of one key. */
export type JobSelector =
  { readonly ids: readonly string[] } | { readonly subject: JobSubject; readonly key: string | null };

/** One change as it is asked for. */
export interface JobChange {
  readonly transition: JobTransitionName;
  readonly selector: JobSelector;
  readonly actor: string;
  /** What the transition's SQL reads; absent values are left out. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly note: string | null;
}

/** A new job as the request statement takes it; times are ISO texts or milliseconds from now. */
export interface JobRequestInput extends JobSubject {
  readonly typeVersion: number;
  readonly key: string;
  readonly assignee: string | null;
  readonly candidates: readonly string[];
  readonly priority: number;
  readonly plan: string | null;
  readonly step: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly dueIn?: number;
  readonly dueAt?: string;
  readonly expiresIn?: number;
  readonly expiresAt?: string;
  readonly uniqueness: 'open' | 'ever' | 'none';
  readonly onRepeat: 'keep' | 'merge' | 'extend';
}

/** A completion that came before its request. */
export interface RememberedCompletion {
  readonly reason: JobCloseReason;
  readonly outcome: string | null;
  /** The event that said so; `null` when it was code. */
  readonly eventId: string | null;
}

/** Which sweep looks for which jobs, and in which order. */
const SWEEP_ORDERS = {
  expire: 'expires_at',
  noticeDue: 'due_at',
  lapse: 'claim_expires_at',
  wake: 'snoozed_until',
} as const satisfies Partial<Record<JobTransitionName, string>>;

/** A change that comes by itself when its time has come. */
export type JobSweepName = keyof typeof SWEEP_ORDERS;

/** Reads and writes jobs. Every change is one statement, guarded, with its history. */
export class JobStore {
  private readonly statements = new Map<string, Statement>();

  constructor(
    private readonly names: JobTableNames,
    private readonly clock: Clock,
  ) {}

  /** Requests a job, or counts a repeat on the one that is open. */
  async request(
    connection: EngineConnection,
    input: JobRequestInput,
    actor: string,
  ): Promise<{ job: Job; created: boolean }> {
    if (input.uniqueness === 'ever') {
      const earlier = await this.findEver(connection, input);
      if (earlier !== undefined) return { job: earlier, created: false };
    }
    const statement = this.prepared(`request ${input.uniqueness}`, () =>
      requestStatement(this.names, input.uniqueness),
    );
    const { rows } = await connection.run<RequestedRow>(statement, [actor, JSON.stringify(input), this.clock.offset]);
    const row = rows[0];
    if (row === undefined) throw new Error('The request returned no job.');
    return { job: toJob(row), created: row.created };
  }

  /** Changes those of the selected jobs that meet the transition's guard. */
  async change(connection: EngineConnection, { transition, selector, actor, input, note }: JobChange): Promise<Job[]> {
    const selection = 'ids' in selector ? 'byId' : 'byTarget';
    const statement = this.prepared(`${transition} ${selection}`, () =>
      transitionStatement(this.names, transition, selection),
    );
    const selected = 'ids' in selector ? selector.ids : [...subjectValues(selector.subject), selector.key];
    return this.jobs(connection, statement, [selected, actor, JSON.stringify(input), this.clock.offset, note]);
  }

  /** Makes the change for a batch of jobs whose time has come. */
  async sweep(
    connection: EngineConnection,
    name: JobSweepName,
    input: Readonly<Record<string, unknown>>,
    actor: string,
  ): Promise<Job[]> {
    const statement = this.prepared(`sweep ${name}`, () => sweepStatement(this.names, name, SWEEP_ORDERS[name]));
    return this.jobs(connection, statement, [[], actor, JSON.stringify(input), this.clock.offset, null]);
  }

  /** Claims the most urgent free job open to one of the principals. */
  async claimNext(
    connection: EngineConnection,
    principals: readonly string[],
    input: Readonly<Record<string, unknown>>,
    actor: string,
  ): Promise<Job | undefined> {
    const statement = this.prepared('claim next', () => claimNextStatement(this.names));
    return (
      await this.jobs(connection, statement, [principals, actor, JSON.stringify(input), this.clock.offset, null])
    )[0];
  }

  /** Keeps a job from being changed by others until the transaction ends. */
  async lock(connection: EngineConnection, id: string): Promise<void> {
    await connection.run(
      this.prepared('lock', () => lockStatement(this.names)),
      [id],
    );
  }

  async findByIds(connection: EngineConnection, ids: readonly string[]): Promise<Job[]> {
    return this.jobs(
      connection,
      this.prepared('find by id', () => findByIdStatement(this.names)),
      [ids],
    );
  }

  async findPending(connection: EngineConnection, subject: JobSubject, key: string | null): Promise<Job[]> {
    const statement = this.prepared('find pending', () => findPendingStatement(this.names));
    return this.jobs(connection, statement, [...subjectValues(subject), key]);
  }

  /** Waits until no other transaction requests or completes jobs of the subject, and makes others wait until this one ends. */
  async takeTurns(connection: EngineConnection, subject: JobSubject): Promise<void> {
    const statement = this.prepared('take turns', takeTurnsStatement);
    await connection.run(statement, [JSON.stringify([this.names.job, ...subjectValues(subject)])]);
  }

  /** Remembers a completion for a request that is still to come, for the given milliseconds. */
  async remember(
    connection: EngineConnection,
    subject: JobSubject,
    { reason, outcome, eventId }: RememberedCompletion,
    limit: number,
  ): Promise<void> {
    const statement = this.prepared('remember', () => rememberStatement(this.names));
    await connection.run(statement, [...subjectValues(subject), reason, eventId, outcome, limit + this.clock.offset]);
  }

  /** Takes the completion that was remembered for the subject. */
  async recall(connection: EngineConnection, subject: JobSubject): Promise<RememberedCompletion | undefined> {
    const statement = this.prepared('recall', () => recallStatement(this.names));
    const { rows } = await connection.run<RememberedCompletion & { valid: boolean }>(statement, [
      ...subjectValues(subject),
      this.clock.offset,
    ]);
    const row = rows[0];
    return row?.valid === true ? { reason: row.reason, outcome: row.outcome, eventId: row.eventId } : undefined;
  }

  /** Forgets completions that were remembered for too long. */
  async forget(connection: EngineConnection): Promise<void> {
    await connection.run(
      this.prepared('forget', () => forgetStatement(this.names)),
      [this.clock.offset],
    );
  }

  private async findEver(connection: EngineConnection, input: JobRequestInput): Promise<Job | undefined> {
    const statement = this.prepared('find ever', () => findEverStatement(this.names));
    return (await this.jobs(connection, statement, [...subjectValues(input), input.key]))[0];
  }

  private async jobs(connection: EngineConnection, statement: Statement, values: readonly unknown[]): Promise<Job[]> {
    const { rows } = await connection.run<JobRowText>(statement, values);
    return rows.map(toJob);
  }

  private prepared(key: string, make: () => Statement): Statement {
    let statement = this.statements.get(key);
    if (statement === undefined) this.statements.set(key, (statement = make()));
    return statement;
  }
}

function subjectValues({ tenant, type, targetType, targetId }: JobSubject): string[] {
  return [tenant, type, targetType, targetId];
}

import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { Job } from '../model/job.js';
import type { JobHistoryEntry } from '../model/job-history-entry.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import { withinLimits } from './job-limits.js';
import { type HistoryRowText, toHistoryEntry, toJob } from './job-row.js';
import { type AskedTypes, lockNextText, type NextJobRow } from './next-job.statements.js';
import {
  type HistoryPageRequest,
  type JobChange,
  type JobRequestInput,
  JobStore,
  type JobSubject,
  type JobSweepName,
  type RememberedCompletion,
  type RequestedRecord,
} from './job-store.port.js';
import {
  findByIdStatement,
  findEverStatement,
  findPendingStatement,
  forgetStatement,
  historyStatement,
  lockStatement,
  type JobRowText,
  rememberStatement,
  type RequestedRow,
  requestStatement,
  sweepsDueStatement,
  sweepStatement,
  takeTurnsStatement,
  transitionStatement,
  tryLockStatement,
  tryTurnStatement,
  unrememberStatement,
} from './job.statements.js';

/** Which sweep looks for which jobs, and in which order. */
const SWEEP_ORDERS = {
  expire: 'expires_at',
  noticeDue: 'due_at',
  lapse: 'claim_expires_at',
  wake: 'snoozed_until',
} as const satisfies Readonly<Record<JobSweepName, string>>;

/** How many jobs a look for the next one takes into account: of some, others may have locked all. */
const WINDOWS = [32, 1_024, 32_768];

/** Reads and writes jobs. Every change is one statement, guarded, with its history. */
export class PostgresJobStore extends JobStore {
  private readonly statements = new Map<string, Statement>();

  constructor(
    private readonly names: JobTableNames,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Requests a job, or counts a repeat on the one that is open. */
  async request(
    connection: EngineConnection,
    input: JobRequestInput,
    actor: string,
    note: string | null,
  ): Promise<RequestedRecord> {
    const statement = this.prepared(`request ${input.uniqueness}`, () =>
      requestStatement(this.names, input.uniqueness),
    );
    const values = [actor, JSON.stringify(input), this.clock.offset, note];
    const { rows } = await withinLimits(connection.run<RequestedRow>(statement, values));
    const row = rows[0];
    if (row === undefined) throw new Error('The request returned no job.');
    const remembered = row.remembered === null ? undefined : (JSON.parse(row.remembered) as RememberedCompletion);
    return { job: toJob(row), created: row.created, remembered };
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

  override async sweepsDue(connection: EngineConnection): Promise<readonly JobSweepName[]> {
    const statement = this.prepared('sweeps due', () => sweepsDueStatement(this.names, SWEEP_ORDERS));
    const { rows } = await connection.run<{ due: string }>(statement, [this.clock.offset]);
    return JSON.parse(rows[0]?.due ?? '[]') as readonly JobSweepName[];
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

  /**
   * Finds the most urgent free job assigned to or open to one of the principals, and keeps others from it until the transaction ends.
   *
   * @param query types, tags, tenant, and ids of those it must not be.
   */
  async lockNext(
    connection: EngineConnection,
    principals: readonly string[],
    query: Readonly<Record<string, unknown>>,
  ): Promise<Job | undefined> {
    const types = askedTypes(query['types']);
    for (const window of WINDOWS) {
      const values = [principals, JSON.stringify(query), this.clock.offset];
      const { rows } = await connection.runUnprepared<NextJobRow>(lockNextText(this.names, window, types), values);
      const [{ job, more } = { job: null, more: false }] = rows;
      if (job !== null) return toJob({ job });
      if (!more) break;
    }
    return undefined;
  }

  /** Keeps jobs from being changed by others until the transaction ends. */
  async lock(connection: EngineConnection, ids: readonly string[]): Promise<void> {
    await connection.run(
      this.prepared('lock', () => lockStatement(this.names)),
      [ids],
    );
  }

  /** The same for one pending job, unless somebody else keeps it: then, and when it is no longer pending, the answer is `false`. */
  async tryLock(connection: EngineConnection, id: string): Promise<boolean> {
    const statement = this.prepared('try lock', () => tryLockStatement(this.names));
    return (await connection.run(statement, [id])).rows.length > 0;
  }

  /** One page of a job's history, from behind the entry of the id `after`. */
  async history(
    connection: EngineConnection,
    id: string,
    { what, order, after, limit }: HistoryPageRequest,
  ): Promise<JobHistoryEntry[]> {
    const statement = this.prepared(`${what} ${order}`, () => historyStatement(this.names, what, order));
    const { rows } = await connection.run<HistoryRowText>(statement, [id, after, limit]);
    return rows.map(toHistoryEntry);
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
    await connection.run(this.prepared('take turns', takeTurnsStatement), [this.turnOf(subject)]);
  }

  /** Takes the turn of {@link takeTurns} if it is free within the given milliseconds. */
  async tryTurn(connection: EngineConnection, subject: JobSubject, patience: number): Promise<boolean> {
    const statement = this.prepared('try turn', tryTurnStatement);
    const { rows } = await connection.run<{ taken: boolean }>(statement, [this.turnOf(subject)]);
    if (rows[0]?.taken === true) return true;
    await connection.runUnprepared('savepoint jobs_turn');
    try {
      await connection.runUnprepared(`set local lock_timeout = ${patience}`);
      await this.takeTurns(connection, subject);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      await connection.runUnprepared('rollback to savepoint jobs_turn');
      return false;
    }
    return true;
  }

  /** Takes turns with others who raise jobs of the subject. They are never long, as whoever raises does nothing else meanwhile. */
  async takeTurnsToRaise(connection: EngineConnection, subject: JobSubject): Promise<void> {
    await connection.run(this.prepared('take turns', takeTurnsStatement), [`raise ${this.turnOf(subject)}`]);
  }

  /** Remembers a completion for a request that is still to come, for the given milliseconds. */
  async remember(
    connection: EngineConnection,
    subject: JobSubject,
    completion: RememberedCompletion,
    limit: number,
    key = '',
  ): Promise<void> {
    const statement = this.prepared('remember', () => rememberStatement(this.names));
    const values = [...subjectValues(subject), key, JSON.stringify(completion), limit + this.clock.offset];
    await connection.run(statement, values);
  }

  /** Drops what was remembered for jobs of the subject and key. */
  async unremember(connection: EngineConnection, subject: JobSubject, key: string): Promise<void> {
    await connection.run(
      this.prepared('unremember', () => unrememberStatement(this.names)),
      [...subjectValues(subject), key],
    );
  }

  /** Forgets completions that were remembered for too long. */
  async forget(connection: EngineConnection): Promise<void> {
    await connection.run(
      this.prepared('forget', () => forgetStatement(this.names)),
      [this.clock.offset],
    );
  }

  /** The job of a subject and key that is open, or else the latest that ever was. */
  async findEver(connection: EngineConnection, subject: JobSubject, key: string): Promise<Job | undefined> {
    const statement = this.prepared('find ever', () => findEverStatement(this.names));
    return (await this.jobs(connection, statement, [...subjectValues(subject), key]))[0];
  }

  private turnOf(subject: JobSubject): string {
    return JSON.stringify([this.names.job, ...subjectValues(subject)]);
  }

  private async jobs(connection: EngineConnection, statement: Statement, values: readonly unknown[]): Promise<Job[]> {
    const { rows } = await withinLimits(connection.run<JobRowText>(statement, values));
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

const LOCK_NOT_AVAILABLE = '55P03';

function isLockTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
}

function askedTypes(types: unknown): AskedTypes {
  if (!Array.isArray(types)) return 'any';
  return types.length === 1 ? 'one' : 'several';
}

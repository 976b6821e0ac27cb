import fc from 'fast-check';
import { JobConflictError } from '../../lib/errors/job-conflict.error.js';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import type { Job } from '../../lib/jobs/model/job.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';
import { runs, SEED } from '../models/support/property-runs.js';
import { JobApplication } from '../support/job-application.js';

@JobType('model.do', { outcomes: ['well', 'badly'], skippable: true, candidates: ['role:a'] })
class Do {}

const RUNS = runs(25).numRuns;
// A counterexample is printed as it was found: to make it smaller would take minutes.
const PARAMETERS = { seed: SEED, numRuns: RUNS, endOnFailure: true } as const;
const LIMIT = 30_000 + RUNS * 2_000;

/** A job as plain memory has it. */
interface Remembered {
  readonly id: string;
  readonly slot: number;
  status: Job['status'];
  outcome: string | null;
  closeReason: string | null;
  requestCount: number;
  assignee: string | null;
  claimedBy: string | null;
  candidates: string[];
  started: boolean;
  snoozed: boolean;
  waitingOn: string | null;
  priority: number;
  tags: string[];
  version: number;
  readonly history: string[];
}

/** What is to be done, and to which of the slots: each is a target of its own. */
type Operation = readonly [name: keyof typeof OPERATIONS, slot: number, choice: number];

const USERS = ['user:1', 'user:2'] as const;
const OUTCOMES = ['well', 'badly'] as const;

/** The jobs of one connection's slots, and what was remembered for them, in plain memory. */
class Model {
  readonly jobs: Remembered[] = [];
  readonly early = new Map<number, string | null>();

  latest(slot: number): Remembered | undefined {
    return this.jobs.findLast((job) => job.slot === slot);
  }

  pending(slot: number): Remembered | undefined {
    return this.jobs.find((job) => job.slot === slot && job.status === 'pending');
  }

  add(id: string, slot: number): Remembered {
    const job: Remembered = {
      id,
      slot,
      status: 'pending',
      outcome: null,
      closeReason: null,
      requestCount: 1,
      assignee: null,
      claimedBy: null,
      candidates: ['role:a'],
      started: false,
      snoozed: false,
      waitingOn: null,
      priority: 0,
      tags: [],
      version: 1,
      history: ['requested'],
    };
    this.jobs.push(job);
    return job;
  }
}

function done(job: Remembered, action: string, change: Partial<Remembered> = {}): void {
  Object.assign(job, change);
  job.version++;
  job.history.push(action);
}

/** Everything one operation needs. */
interface Scene {
  readonly jobs: JobsService;
  readonly model: Model;
  readonly slot: number;
  readonly choice: number;
  readonly target: { readonly type: string; readonly id: string };
}

/** Changes the latest job of the slot if `applies`, and checks what the service says of it. */
function onLatest(
  action: string,
  applies: (job: Remembered, choice: number) => boolean,
  change: (job: Remembered, choice: number) => Partial<Remembered>,
  call: (jobs: JobsService, id: string, choice: number) => Promise<{ readonly changed: number }>,
) {
  return async ({ jobs, model, slot, choice }: Scene): Promise<void> => {
    const job = model.latest(slot);
    if (job === undefined) return;
    const expected = applies(job, choice) ? 1 : 0;
    expect([action, (await call(jobs, job.id, choice)).changed]).toEqual([action, expected]);
    if (expected === 1) done(job, action, change(job, choice));
  };
}

/** Ends the latest job; one that ended otherwise is a conflict. */
function ending(
  status: 'completed' | 'cancelled',
  closeReason: string,
  outcomeOf: (choice: number) => (typeof OUTCOMES)[number] | null,
  call: (
    jobs: JobsService,
    id: string,
    outcome: (typeof OUTCOMES)[number] | null,
  ) => Promise<{ readonly changed: number }>,
) {
  return async ({ jobs, model, slot, choice }: Scene): Promise<void> => {
    const job = model.latest(slot);
    if (job === undefined) return;
    const outcome = outcomeOf(choice);
    const result = await call(jobs, job.id, outcome).then(
      ({ changed }) => changed,
      (error: unknown) => {
        if (error instanceof JobConflictError) return 'conflict';
        throw error;
      },
    );
    if (job.status === 'pending') {
      expect(result).toBe(1);
      done(job, status, { status, closeReason, outcome });
    } else {
      const same = job.status === status && (outcome === null || outcome === job.outcome);
      expect(result).toBe(same ? 0 : 'conflict');
    }
  };
}

const isPending = ({ status }: Remembered): boolean => status === 'pending';
const user = (choice: number): (typeof USERS)[number] => USERS[choice % USERS.length]!;
const outcome = (choice: number): (typeof OUTCOMES)[number] => OUTCOMES[choice % OUTCOMES.length]!;

const OPERATIONS = {
  request: async ({ jobs, model, slot, choice, target }: Scene) => {
    const pending = model.pending(slot);
    const ever = choice === 0 ? model.latest(slot) : undefined;
    const { job, created } = await jobs.request(Do, { target, unique: choice === 0 ? 'ever' : 'open' });
    const repeated = pending ?? ever;
    expect([created, repeated?.id ?? job.id]).toEqual([repeated === undefined, job.id]);
    if (pending !== undefined) done(pending, 'repeated', { requestCount: pending.requestCount + 1 });
    if (repeated !== undefined) return;
    const added = model.add(job.id, slot);
    const early = model.early.get(slot);
    if (early === undefined) return;
    model.early.delete(slot);
    done(added, 'completed', { status: 'completed', closeReason: 'done', outcome: early });
  },
  complete: ending('completed', 'done', outcome, (jobs, id, name) =>
    jobs.complete(id, name === null ? {} : { outcome: name }),
  ),
  completeSilently: ending(
    'completed',
    'done',
    () => null,
    (jobs, id) => jobs.complete(id),
  ),
  cancel: ending(
    'cancelled',
    'cancelled',
    () => null,
    (jobs, id) => jobs.cancel(id),
  ),
  skip: ending(
    'cancelled',
    'skipped',
    () => null,
    (jobs, id) => jobs.skip(id),
  ),
  decline: ending(
    'cancelled',
    'declined',
    () => null,
    (jobs, id) => jobs.decline(id),
  ),
  completeByTarget: async ({ jobs, model, slot, target }: Scene) => {
    const pending = model.pending(slot);
    expect((await jobs.complete(Do, { target })).changed).toBe(pending === undefined ? 0 : 1);
    if (pending !== undefined) done(pending, 'completed', { status: 'completed', closeReason: 'done' });
  },
  ensureCompleted: async ({ jobs, model, slot, choice, target }: Scene) => {
    const pending = model.pending(slot);
    const { changed } = await jobs.ensureCompleted(Do, { target, outcome: outcome(choice) });
    expect(changed).toBe(pending === undefined ? 0 : 1);
    if (pending === undefined) model.early.set(slot, outcome(choice));
    else done(pending, 'completed', { status: 'completed', closeReason: 'done', outcome: outcome(choice) });
  },
  reopen: async ({ jobs, model, slot }: Scene) => {
    const job = model.latest(slot);
    if (job === undefined) return;
    const { changed } = await jobs.reopen(job.id);
    expect(changed).toBe(isPending(job) ? 0 : 1);
    if (isPending(job)) return;
    model.early.delete(slot);
    done(job, 'reopened', { status: 'pending', closeReason: null, outcome: null, claimedBy: null });
  },
  claim: onLatest(
    'claimed',
    (job, choice) => isPending(job) && (job.claimedBy === null || job.claimedBy === user(choice)),
    (_, choice) => ({ claimedBy: user(choice) }),
    (jobs, id, choice) => jobs.claim(id, { by: user(choice) }),
  ),
  release: onLatest(
    'released',
    (job, choice) => isPending(job) && job.claimedBy === user(choice),
    () => ({ claimedBy: null }),
    (jobs, id, choice) => jobs.release(id, { by: user(choice) }),
  ),
  assign: onLatest(
    'assigned',
    (job, choice) => isPending(job) && job.assignee !== user(choice),
    (_, choice) => ({ assignee: user(choice) }),
    (jobs, id, choice) => jobs.assign(id, user(choice)),
  ),
  unassign: onLatest(
    'assigned',
    (job) => isPending(job) && job.assignee !== null,
    () => ({ assignee: null }),
    (jobs, id) => jobs.unassign(id),
  ),
  transfer: onLatest(
    'transferred',
    isPending,
    (_, choice) => ({ candidates: [`role:${choice}`], assignee: null, claimedBy: null }),
    (jobs, id, choice) => jobs.transfer(id, [`role:${choice}`]),
  ),
  start: onLatest(
    'started',
    (job) => isPending(job) && !job.started,
    () => ({ started: true, snoozed: false, waitingOn: null }),
    (jobs, id) => jobs.start(id),
  ),
  snooze: onLatest(
    'snoozed',
    isPending,
    () => ({ snoozed: true }),
    (jobs, id) => jobs.snooze(id, '1h'),
  ),
  wait: onLatest(
    'waiting',
    isPending,
    (_, choice) => ({ waitingOn: `thing ${choice}` }),
    (jobs, id, choice) => jobs.wait(id, `thing ${choice}`),
  ),
  resume: onLatest(
    'resumed',
    (job) => isPending(job) && (job.snoozed || job.waitingOn !== null),
    () => ({ snoozed: false, waitingOn: null }),
    (jobs, id) => jobs.resume(id),
  ),
  setPriority: onLatest(
    'prioritised',
    isPending,
    (_, choice) => ({ priority: choice }),
    (jobs, id, choice) => jobs.setPriority(id, choice),
  ),
  setDue: onLatest(
    'rescheduled',
    isPending,
    () => ({}),
    (jobs, id) => jobs.setDue(id, new Date('2040-01-01')),
  ),
  tag: onLatest(
    'tagged',
    () => true,
    (job, choice) => ({ tags: [...new Set([...job.tags, `t${choice}`])].filter((tag) => tag !== 't0').sort() }),
    (jobs, id, choice) => jobs.tag(id, { add: [`t${choice}`], remove: ['t0'] }),
  ),
  comment: onLatest(
    'commented',
    () => true,
    () => ({}),
    (jobs, id) => jobs.comment(id, 'hm'),
  ),
} satisfies Record<string, (scene: Scene) => Promise<void>>;

const SLOTS = 3;
const operation = fc.tuple(
  fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
  fc.nat({ max: SLOTS - 1 }),
  fc.nat({ max: 3 }),
) satisfies fc.Arbitrary<Operation>;

/** What one connection does, one thing after the other; requests are more frequent than the rest. */
const program = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: operation },
    { weight: 1, arbitrary: operation.map(([, slot, choice]) => ['request', slot, choice] as const) },
  ),
  { minLength: 5, maxLength: 25 },
);

describe('Jobs and a plain model of them', () => {
  let app: JobApplication;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Do] });
  });
  afterAll(() => app.close());

  async function stored(connection: number): Promise<unknown[]> {
    return app.rows(
      `select j.id::text, substr(target_id, 3)::int4 as slot, status, outcome, close_reason as "closeReason", request_count as "requestCount",
         assignee, claimed_by as "claimedBy", candidates, started_at is not null as started, snoozed_until is not null as snoozed,
         waiting_on as "waitingOn", priority, tags, j.version,
         array(select action from jobs_job_history h where h.job_id = j.id order by h.id) as history
       from jobs_job j where target_id like $1 order by j.id`,
      [`${connection}/%`],
    );
  }

  /**
   * Actions of history and names of facts that do not come in pairs. Told to nobody are repeats, and the request of a job that was born
   * completed.
   */
  async function unpaired(): Promise<unknown[]> {
    return app.rows(
      `select * from (select job_id::text as job, action, count(*) from jobs_job_history o
         where action <> 'repeated' and not (action = 'requested' and exists (
           select from jobs_job_history e where e.job_id = o.job_id and e.note = 'It was done before it was requested.')) group by 1, 2) h
       full join (select payload ->> 'jobId' as job, substr(name, 5) as action, count(*) from jobs_event group by 1, 2) e using (job, action, count)
       where h is null or e is null`,
    );
  }

  it(
    `agree after any sequence of verbs from several connections (seed ${SEED}, ${RUNS} runs)`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(program, { minLength: 2, maxLength: 4 }), async (programs) => {
          await app.clear();
          const models = await Promise.all(
            programs.map(async (operations, connection) => {
              const model = new Model();
              for (const [name, slot, choice] of operations) {
                const target = { type: 'Thing', id: `${connection}/${slot}` };
                await OPERATIONS[name]({ jobs: app.jobs, model, slot, choice, target });
              }
              return model;
            }),
          );
          for (const [connection, { jobs }] of models.entries()) expect(await stored(connection)).toEqual(jobs);
          expect(await unpaired()).toEqual([]);
        }),
        PARAMETERS,
      );
    },
    LIMIT,
  );

  it(
    `keep their invariants whatever several connections do to the same jobs (seed ${SEED}, ${RUNS} runs)`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(program, { minLength: 2, maxLength: 4 }), async (programs) => {
          await app.clear();
          await Promise.all(programs.map((operations) => contend(app.jobs, operations)));
          expect([
            await unpaired(),
            await app.rows(
              `select j.id from jobs_job j where version <> (select count(*) from jobs_job_history h where h.job_id = j.id)
               or request_count <> 1 + (select count(*) from jobs_job_history h where h.job_id = j.id and action = 'repeated')
               or (status = 'pending') <> ((select count(*) from jobs_job_history h where h.job_id = j.id and action in ('completed', 'cancelled'))
                 = (select count(*) from jobs_job_history h where h.job_id = j.id and action = 'reopened'))`,
            ),
            await app.rows(
              `select target_id from jobs_job where status = 'pending' group by target_id having count(*) > 1`,
            ),
            await app.rows(
              `select r.target_id from jobs_job_remembered r join jobs_job j using (target_id) where j.status = 'pending'`,
            ),
          ]).toEqual([[], [], [], []]);
        }),
        PARAMETERS,
      );
    },
    LIMIT,
  );
});

/** Does the same to jobs that others work on, too; what the service answers depends on who came first. */
async function contend(jobs: JobsService, operations: readonly Operation[]): Promise<void> {
  const verbs: Partial<Record<keyof typeof OPERATIONS, (id: string, choice: number) => Promise<unknown>>> = {
    complete: (id, choice) => jobs.complete(id, { outcome: outcome(choice) }),
    completeSilently: (id) => jobs.complete(id),
    cancel: (id) => jobs.cancel(id),
    skip: (id) => jobs.skip(id),
    decline: (id) => jobs.decline(id),
    reopen: (id) => jobs.reopen(id),
    claim: (id, choice) => jobs.claim(id, { by: user(choice) }),
    release: (id, choice) => jobs.release(id, { by: user(choice) }),
    assign: (id, choice) => jobs.assign(id, user(choice)),
    start: (id) => jobs.start(id),
    snooze: (id) => jobs.snooze(id, '1h'),
    resume: (id) => jobs.resume(id),
    tag: (id, choice) => jobs.tag(id, { add: [`t${choice}`] }),
  };
  for (const [name, slot, choice] of operations) {
    const target = { type: 'Thing', id: String(slot) };
    const [job] = await jobs.findPending(Do, { target });
    const verb = verbs[name];
    try {
      if (name === 'ensureCompleted') await jobs.ensureCompleted(Do, { target });
      else if (name === 'completeByTarget') await jobs.complete(Do, { target });
      else if (job !== undefined && verb !== undefined) await verb(job.id, choice);
      else await jobs.request(Do, { target, unique: choice === 0 ? 'ever' : 'open' });
    } catch (error) {
      if (!(error instanceof JobConflictError)) throw error;
    }
  }
}

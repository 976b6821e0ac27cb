import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { JobConflictError, JobType, type JobsService } from '../../lib/index.js';
import { JobApplication } from '../support/job-application.js';
import { limit, runs, SEED } from './support/property-runs.js';
import { serialOutcomes, type Step } from './support/steps.js';

@JobType('pair.do', { outcomes: ['well', 'badly'], skippable: true })
class Do {}

const TARGET = { type: 'Thing', id: '1' };
const RUNS = 8;

/** What there may be of one matter: the job it is about, as far as verbs decide by it. */
interface Matter {
  readonly status: 'none' | 'pending' | 'completed' | 'cancelled';
  readonly outcome: string | null;
  readonly closeReason: string | null;
  readonly requests: number;
  readonly claimedBy: string | null;
  readonly assignee: string | null;
  readonly started: boolean;
  readonly snoozed: boolean;
  readonly history: readonly string[];
  readonly facts: readonly string[];
}

const NOTHING: Matter = {
  ...{ status: 'none', outcome: null, closeReason: null, requests: 0, claimedBy: null, assignee: null },
  ...{ started: false, snoozed: false, history: [], facts: [] },
};

/** A matter that verbs change; steps of a pair get a copy each. */
class MatterModel {
  constructor(public matter: Matter = NOTHING) {}

  copy(): MatterModel {
    return new MatterModel(this.matter);
  }

  /** What a verb does that a guard decides about. */
  change(action: string, applies: boolean, change: Partial<Matter> = {}, tellsFact = true): number {
    if (!applies) return 0;
    const { history, facts } = this.matter;
    const told = tellsFact ? [...facts, action] : facts;
    this.matter = { ...this.matter, ...change, history: [...history, action], facts: told };
    return 1;
  }
}

/** The service, and the job that verbs by id are about. */
interface Real {
  readonly jobs: JobsService;
  readonly id: string;
}

type Pending = (matter: Matter) => boolean;
const isPending: Pending = ({ status }) => status === 'pending';

async function answer(call: Promise<{ readonly changed: number }>): Promise<number | 'conflict'> {
  try {
    return (await call).changed;
  } catch (error) {
    if (error instanceof JobConflictError) return 'conflict';
    throw error;
  }
}

function closing(
  name: string,
  status: 'completed' | 'cancelled',
  closeReason: string,
  outcome: 'well' | 'badly' | null,
  call: (real: Real) => Promise<{ readonly changed: number }>,
): Step<MatterModel, Real> {
  return {
    name,
    apply: (model) => {
      const { matter } = model;
      if (isPending(matter)) return model.change(status, true, { status, closeReason, outcome });
      return matter.status === status && (outcome === null || outcome === matter.outcome) ? 0 : 'conflict';
    },
    call: (real) => answer(call(real)),
  };
}

function guarded(
  name: string,
  action: string,
  applies: Pending,
  change: Partial<Matter>,
  call: (real: Real) => Promise<{ readonly changed: number }>,
): Step<MatterModel, Real> {
  return {
    name,
    apply: (model) => model.change(action, isPending(model.matter) && applies(model.matter), change),
    call: (real) => answer(call(real)),
  };
}

const repeat: Step<MatterModel, Real> = {
  name: 'request',
  // A closed job is requested anew by another one, which is not what these steps are about.
  apply: (model) => model.change('repeated', isPending(model.matter), { requests: model.matter.requests + 1 }, false),
  call: async ({ jobs, id }) => {
    const { created, job } = await jobs.request(Do, { target: TARGET });
    return created || job.id !== id ? 'another' : 1;
  },
};

const by = (user: string) => ({ by: user as 'user:1' });

const STEPS: readonly Step<MatterModel, Real>[] = [
  ...(['well', 'badly'] as const).map((outcome) =>
    closing(`complete ${outcome}`, 'completed', 'done', outcome, ({ jobs, id }) => jobs.complete(id, { outcome })),
  ),
  closing('complete', 'completed', 'done', null, ({ jobs, id }) => jobs.complete(id)),
  closing('cancel', 'cancelled', 'cancelled', null, ({ jobs, id }) => jobs.cancel(id)),
  closing('skip', 'cancelled', 'skipped', null, ({ jobs, id }) => jobs.skip(id)),
  closing('decline', 'cancelled', 'declined', null, ({ jobs, id }) => jobs.decline(id)),
  {
    name: 'reopen',
    apply: (model) =>
      model.change('reopened', !isPending(model.matter), {
        status: 'pending',
        outcome: null,
        closeReason: null,
        claimedBy: null,
      }),
    call: ({ jobs, id }) => answer(jobs.reopen(id)),
  },
  ...['user:1', 'user:2'].map((user) =>
    guarded(
      `claim by ${user}`,
      'claimed',
      ({ claimedBy }) => claimedBy === null || claimedBy === user,
      { claimedBy: user },
      ({ jobs, id }) => jobs.claim(id, by(user)),
    ),
  ),
  guarded(
    'release',
    'released',
    ({ claimedBy }) => claimedBy !== null,
    { claimedBy: null },
    ({ jobs, id }) => jobs.release(id),
  ),
  ...['user:1', 'user:2'].map((user) =>
    guarded(
      `assign to ${user}`,
      'assigned',
      ({ assignee }) => assignee !== user,
      { assignee: user },
      ({ jobs, id }) => jobs.assign(id, user as 'user:1'),
    ),
  ),
  guarded(
    'start',
    'started',
    ({ started }) => !started,
    { started: true, snoozed: false },
    ({ jobs, id }) => jobs.start(id),
  ),
  guarded(
    'snooze',
    'snoozed',
    () => true,
    { snoozed: true },
    ({ jobs, id }) => jobs.snooze(id, '1h'),
  ),
  guarded(
    'resume',
    'resumed',
    ({ snoozed }) => snoozed,
    { snoozed: false },
    ({ jobs, id }) => jobs.resume(id),
  ),
];

const step = fc.constantFrom(...STEPS).map((one) => Object.assign({ ...one }, { [fc.toStringMethod]: () => one.name }));
/** Requests only where the job stays open: they come in pairs with what leaves it open. */
const harmless = step.filter(({ name }) => !/^(complete|cancel|skip|decline)/.test(name));
const pair = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(step, step) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant(Object.assign({ ...repeat }, { [fc.toStringMethod]: () => 'request' })), harmless),
  },
);

describe('Two verbs at once', () => {
  let app: JobApplication;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Do] });
  });
  afterAll(() => app.close());

  async function stored(id: string): Promise<Matter> {
    const [row] = await app.rows<Omit<Matter, 'history' | 'facts'>>(
      `select status, outcome, close_reason as "closeReason", request_count as requests, claimed_by as "claimedBy", assignee,
         started_at is not null as started, snoozed_until is not null as snoozed from jobs_job where id = $1`,
      [id],
    );
    const { history, facts } = await app.tracesOf(id);
    return { ...row!, history, facts: facts.map((name) => name.replace('job.', '')) };
  }

  /** Facts are written in the order of the changes, but two of one moment may have drawn their ids the other way round. */
  const counted = (matter: Matter): Matter => ({ ...matter, facts: [...matter.facts].sort() });

  it(
    `are as if one had come after the other: answers, job, history and facts (seed ${SEED})`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 12 }), async (pairs) => {
          await app.clear();
          const { job } = await app.jobs.request(Do, { target: TARGET });
          const real = { jobs: app.jobs, id: job.id };
          let model = new MatterModel(await stored(job.id));
          for (const steps of pairs) {
            const isRequest = steps.some(({ name }) => name === 'request');
            if (isRequest && model.matter.status !== 'pending') continue;
            const answers = await Promise.all([steps[0].call(real), steps[1].call(real)] as const);
            const outcomes = serialOutcomes(
              model,
              (one) => one.copy(),
              steps,
              answers,
              () => false,
            );
            const now = await stored(job.id);
            const found = outcomes.find((one) =>
              isDeepStrictEqual([one.answers, counted(one.model.matter)], [answers, counted(now)]),
            );
            const expected = outcomes.map((one) => ({
              order: one.order,
              answers: one.answers,
              ...counted(one.model.matter),
            }));
            if (found === undefined) expect({ answers, ...counted(now) }).toEqual(expected);
            model = new MatterModel(now);
          }
        }),
        { ...runs(RUNS), endOnFailure: process.env['FC_SHRINK'] === undefined },
      );
    },
    limit(RUNS, 2_000),
  );
});

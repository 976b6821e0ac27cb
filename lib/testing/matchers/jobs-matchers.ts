import { JobsError } from '../../errors/jobs.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import type { EventReference } from '../../events/definition/event-types.js';
import type { JobFactName } from '../../jobs/facts/job-fact.js';
import type { JobTypeClass } from '../../jobs/types/job-type-class.js';
import type { DeliveredRun } from '../driver/delivered-run.js';
import { JobsTesting } from '../jobs-testing.js';
import { differences } from '../matching/differences.js';
import type { JobExpectation } from '../matching/job-expectation.js';
import { nameOfEvent } from '../matching/name-of-event.js';
import { nameOfJobType } from '../matching/name-of-job-type.js';
import { show } from '../matching/show.js';
import type { RecordedEmission } from '../record/recorded-emission.js';
import type { RecordedJobFact } from '../record/recorded-job-fact.js';
import { judge, type MatcherResult } from './judge.js';
import type { Listed } from './listing.js';
import type { DeliveredExpectation, EmittedExpectation, Times } from './matcher-options.interface.js';

/**
 * Matchers of what happened, for Jest and Vitest: `expect.extend(jobsMatchers)` once, then `expect(jobs).toHaveEmitted(PaymentCompleted)`.
 *
 * @publicApi
 */
export const jobsMatchers = {
  toHaveEmitted(
    received: unknown,
    event: EventReference,
    payload?: object,
    { times, ...expected }: EmittedExpectation = {},
  ): MatcherResult {
    const jobs = testingOf(received, 'toHaveEmitted');
    const name = nameOfEvent(event);
    const candidates = jobs.emitted(event);
    return judge({
      claim: `${name} to have been emitted`,
      expected: together(payload, expected),
      times,
      candidates: candidates.map(emission(expected)),
      matching: candidates.filter(has(payload, expected)).map(emission(expected)),
      others: jobs
        .emitted()
        .filter((one) => !candidates.includes(one))
        .map((one) => one.event),
    });
  },

  toHaveEmittedInOrder(received: unknown, events: readonly EventReference[]): MatcherResult {
    const jobs = testingOf(received, 'toHaveEmittedInOrder');
    const wanted = events.map(nameOfEvent);
    const emitted = jobs.emitted().map(({ event }) => event);
    let found = 0;
    for (const name of emitted) if (name === wanted[found]) found += 1;
    return {
      pass: found === wanted.length,
      message: () =>
        found === wanted.length
          ? `Expected events not to have been emitted in the order ${wanted.join(', ')}, but they were: ${emitted.join(', ')}`
          : `Expected events to have been emitted in the order ${wanted.join(', ')}, but ${found === 0 ? 'the first' : `after ${wanted[found - 1] ?? ''} the next`} of them is missing, ` +
            `${wanted[found] ?? ''}. Emitted were: ${emitted.length === 0 ? 'none' : emitted.join(', ')}`,
    };
  },

  toHaveDelivered(
    received: unknown,
    event: EventReference,
    payload?: object,
    { times, to, outcome = 'succeeded' }: DeliveredExpectation = {},
  ): MatcherResult {
    const jobs = testingOf(received, 'toHaveDelivered');
    const candidates = jobs.delivered(event).filter(({ receiver }) => to === undefined || receiver === to);
    const matching = candidates.filter((run) => run.outcome === outcome && has(payload, {})(run));
    return judge({
      claim: `${nameOfEvent(event)} to have been delivered${to === undefined ? '' : ` to ${to}`}${outcome === 'succeeded' ? '' : ` with outcome ${outcome}`}`,
      expected: payload,
      times,
      candidates: candidates.map(run),
      matching: matching.map(run),
      others: jobs
        .delivered()
        .filter((one) => !candidates.includes(one))
        .map((one) => `${one.event} to ${one.receiver}`),
    });
  },

  toHaveRequested(
    received: unknown,
    type: JobTypeClass | string,
    expected?: JobExpectation,
    { times }: Times = {},
  ): MatcherResult {
    return judgeFacts(testingOf(received, 'toHaveRequested'), 'requested', type, expected, times);
  },

  toHaveCompleted(
    received: unknown,
    type: JobTypeClass | string,
    expected?: JobExpectation,
    { times }: Times = {},
  ): MatcherResult {
    return judgeFacts(testingOf(received, 'toHaveCompleted'), 'completed', type, expected, times);
  },
};

function judgeFacts(
  jobs: JobsTesting,
  fact: JobFactName,
  type: JobTypeClass | string,
  expected: JobExpectation | undefined,
  times: number | undefined,
): MatcherResult {
  const candidates = jobs.facts(fact, type);
  return judge({
    claim: `a job ${nameOfJobType(type)} to have been ${fact}`,
    expected: expected === undefined ? undefined : jobs.fieldsOf(type, expected),
    times,
    candidates: candidates.map(job),
    matching: jobs.facts(fact, type, expected).map(job),
    others: jobs
      .facts(undefined)
      .filter((one) => !candidates.includes(one))
      .map((one) => `${one.type} ${one.fact}`),
  });
}

function testingOf(received: unknown, matcher: string): JobsTesting {
  if (received instanceof JobsTesting) return received;
  throw new JobsError(
    `expect(…).${matcher}() takes what app.get(JobsTesting) answers, but was given ${kindOf(received)}.`,
  );
}

function has(payload: object | undefined, expected: object): (one: { readonly payload: unknown }) => boolean {
  return (one) =>
    (payload === undefined || differences(payload, one.payload).length === 0) &&
    differences(expected, one).length === 0;
}

/** What is expected of the payload and of the event around it, as one value that a listing can be compared with. */
function together(payload: object | undefined, expected: object): unknown {
  if (Object.keys(expected).length === 0) return payload;
  return { ...expected, ...(payload === undefined ? {} : { payload }) };
}

function emission(expected: object): (one: RecordedEmission) => Listed {
  return (one) => ({
    title: one.event,
    value:
      Object.keys(expected).length === 0
        ? one.payload
        : {
            ...Object.fromEntries(Object.keys(expected).map((key) => [key, Reflect.get(one, key)])),
            payload: one.payload,
          },
  });
}

function run({ receiver, event, attempt, outcome, error, payload }: DeliveredRun): Listed {
  const thrown = error === undefined ? '' : `, ${error instanceof Error ? error.message : show(error)}`;
  return { title: `${event} to ${receiver}, attempt ${attempt}: ${outcome}${thrown}`, value: payload };
}

function job({ type, fact, ...fields }: RecordedJobFact): Listed {
  return { title: `${type} ${fact}`, value: fields };
}

import { Readable } from 'node:stream';
import { Module } from '@nestjs/common';
import fc from 'fast-check';
import * as publicApi from '../../lib/index.js';
import { JobApplication } from '../support/job-application.js';
import { SEED, TIMES } from '../models/support/property-runs.js';
import { complaintOf, isError, publicClasses } from './support/complaint.js';
import { type Ground, services } from './support/entry-points.js';
import { type HostileCall, hostileCalls } from './support/entry.js';
import { publicMethods } from './support/public-methods.js';

const { JobType, ReliableEvent, OnReliableEvent } = publicApi;

/** Classes that are no entry points: what they are instead. */
const NO_SERVICES: Readonly<Record<string, string>> = {
  JobsModule: 'a module; its options are tried in declarations.spec.ts',
  Job: 'data that is handed out',
  JobHistoryEntry: 'data that is handed out',
  Emission: 'made by emission(), tried in declarations.spec.ts',
  RequestJob: 'an event; emitted as any other',
  CompleteJob: 'an event; emitted as any other',
  JobTargetSubscriber: 'called by TypeORM',
};

/** Methods of services that are called by Nest or by the package itself. */
const NOT_CALLED: Readonly<Record<string, readonly string[]>> = {
  Lifecycle: ['hears', 'tell', 'counted'],
};

/** What a call may have left behind that would keep the next one from being looked at. */
const AFTERWARDS: Readonly<Record<string, (instances: Readonly<Record<string, object>>) => Promise<unknown>>> = {
  'InProcessEvents.connect': ({ InProcessEvents: events }) =>
    (events as publicApi.InProcessEvents).disconnect('hostile.connected'),
};

/** Calls of `npm test` for each method; all of them with FC_TIMES=100. */
const CALLS = 8;

@JobType('hostile.do', { outcomes: ['well'], skippable: true })
class Do {}

@ReliableEvent('hostile.happened')
class Happened {
  constructor(readonly a: number) {}
}

class Receiver {
  @OnReliableEvent(Happened, { id: 'hostile.receiver' })
  receive(): void {}
}

@Module({ providers: [{ provide: publicApi.JOB_POLICY, useValue: { can: () => true } }] })
class AllowAll {}

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

describe('Every method of every service', () => {
  let app: JobApplication;
  let ground: Ground;
  let instances: Readonly<Record<string, object>>;
  let entries: ReturnType<typeof services>;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Do, Receiver], imports: [AllowAll] });
    const { events } = app.application;
    const [first, second] = await events.emitMany([new Happened(1), new Happened(2)]);
    const [row] = await app.rows<{ receiver: number }>('select receiver from jobs_delivery limit 1');
    const [letter] = await app.rows<{ id: string }>(
      `with gone as (delete from jobs_delivery where event_id = $1 returning *)
       insert into jobs_dead_letter (event_id, receiver, version, priority, claims, attempts, interruptions, kind, reason)
       select event_id, receiver, version, priority, claims, attempts, interruptions, 'dead', 'test' from gone returning id::text`,
      [second!.id],
    );
    const { job } = await app.jobs.request(Do, { target: { type: 'Thing', id: '1' } });
    ground = {
      ...{ Type: Do, Event: Happened, event: new Happened(3), jobId: job.id, eventId: first!.id },
      ...{ deliveryId: `${first!.id}.${row!.receiver}`, deadLetterId: letter!.id, receiverId: 'hostile.receiver' },
    };
    entries = services(ground);
    const actor = { id: 'user:1', roles: ['role:a'] } as const;
    const { context } = app.application;
    const given = Object.fromEntries(
      publicClasses
        .filter(([name, one]) => !(name in NO_SERVICES) && !isError(one) && !name.startsWith('Actor'))
        .map(([name, one]) => [name, context.get<object>(one, { strict: false })]),
    );
    instances = {
      ...given,
      ActorJobs: app.jobs.as(actor),
      ActorJobQueries: context.get(publicApi.JobQueries, { strict: false }).as(actor),
    };
  });
  afterAll(() => app.close());

  it('is tried below, so that a new one cannot be forgotten', () => {
    const tried = Object.entries(entries).map(([name, calls]) => [name, Object.keys(calls).sort()]);
    const methods = publicMethods();
    const there = Object.keys(instances).map((name) => [
      name,
      (methods.get(name) ?? []).filter((method) => !(NOT_CALLED[name] ?? []).includes(method)),
    ]);
    expect(Object.fromEntries(tried)).toEqual(Object.fromEntries(there));
  });

  it.each(
    Object.entries(services({} as Ground)).flatMap(([name, calls]) =>
      Object.keys(calls).map((method) => [name, method]),
    ),
  )(`%s.%s answers with documented errors, and writes nothing then (seed ${SEED})`, async (name, method) => {
    const all = (entries[name]![method] ?? []).flatMap((args) => hostileCalls(`${name}.${method}`, args));
    const chosen = chosenOf(all);
    const problems: string[] = [];
    let before = await rows();
    for (const call of chosen) {
      const error = await refusal(instances[name] as Methods, method, call);
      await AFTERWARDS[`${name}.${method}`]?.(instances);
      const after = await rows();
      const complaint = error === undefined ? undefined : complaintOf(error.reason, call);
      if (complaint !== undefined) problems.push(`${call.text}: ${complaint}`);
      if (error !== undefined && after !== before) problems.push(`${call.text}: refused, but wrote`);
      before = after;
    }
    expect(problems).toEqual([]);
  });

  /** What a call was refused with, if it was. */
  async function refusal(
    service: Methods,
    method: string,
    call: HostileCall,
  ): Promise<{ readonly reason: unknown } | undefined> {
    try {
      await consumed(service[method]!(...call.args));
      return undefined;
    } catch (reason) {
      return { reason };
    }
  }

  /** Numbers of rows of every table, as one text. */
  async function rows(): Promise<string> {
    const [row] = await app.rows<{ counts: string }>(COUNTS);
    return row!.counts;
  }
});

const COUNTS = `
select string_agg(t.table_name || ' ' || (xpath('/row/c/text()',
  query_to_xml('select count(*) as c from ' || quote_ident(t.table_name), false, true, '')))[1]::text, ', ' order by t.table_name) as counts
from information_schema.tables t where t.table_schema = 'public'`;

/** Iterables and streams are read, since they do nothing before. */
async function consumed(answer: unknown): Promise<void> {
  const settled = await answer;
  if (settled instanceof Readable) {
    for await (const _chunk of settled) break;
  } else if (typeof settled === 'object' && settled !== null && Symbol.asyncIterator in settled) {
    for await (const _item of settled as AsyncIterable<unknown>) break;
  }
}

/** Some of the calls, others with each seed. */
function chosenOf(calls: readonly HostileCall[]): readonly HostileCall[] {
  const count = Math.ceil(CALLS * TIMES);
  if (count >= calls.length || calls.length === 0) return calls;
  return fc.sample(fc.shuffledSubarray([...calls], { minLength: count, maxLength: count }), {
    seed: SEED,
    numRuns: 1,
  })[0]!;
}

import * as publicApi from '../../lib/index.js';
import { parseWorkerFlags } from '../../lib/command-line/worker-flags.js';
import { checkReceiverId, checkReceiverOptions, resolveReceiverOptions } from '../../lib/events/receiver-options.js';
import { OptionChecks } from '../../lib/options/option-checks.js';
import { resolveAsyncJobsOptions } from '../../lib/options/resolve-jobs-options.js';
import { complaintOf } from './support/complaint.js';
import { type Argument, arg, hostileCalls, options } from './support/entry.js';

class Event {}
class Do {}
publicApi.ReliableEvent('hostile.happened')(Event);
publicApi.JobType('hostile.do')(Do);

const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };
const event = { version: 1, schema, upcasters: undefined };
const retry = { attempts: 3, backoff: 'fixed', delay: '1s', maxDelay: '1m', jitter: 0.1, nonRetryable: [] };
const receiver = {
  ...{ id: 'r', aliases: ['old'], sender: 's', retry, timeout: '1s', concurrency: 1, transactional: true },
};
const runtime = {
  ...{ register: true, requireTransaction: true, transactionManager: () => undefined, unroutedEvents: 'warn' },
  ...{ bridge: [Event], limits: {}, retention: '1d', migrate: false, enhancers: {}, cursorSecret: 'x'.repeat(32) },
  ...{ redact: (text: string) => text, onError: () => undefined, appVersion: '1', clock: { offset: 0 } },
  ...{ worker: {}, sweep: {} },
};
const worker = {
  ...{ receivers: ['a'], excludeReceivers: [], label: 'a', concurrency: 1, transactionalConcurrency: 1 },
  ...{ pollInterval: '1s', shutdownGrace: '1s', maxInterruptions: 1, batch: 1, lease: '1s', connection: {} },
};
const trigger = publicApi.on(Event, () => null);
const jobType = {
  ...{ dataSource: 'x', version: 1, target: Event, metadata: schema, result: schema, outcomes: ['well'] },
  ...{ assignee: 'user:1', candidates: ['role:a'], dueIn: '1d', expiresIn: '1d', priority: 1, skippable: true },
  ...{ plan: 'p', step: 1, requestOn: [trigger], completeOn: [trigger], cancelOn: [trigger], early: 'ignore' },
  ...{ earlyLimit: '1d' },
};
const migration = { schema: 's', from: 0, to: 1, direction: 'up' };

type Call = (...args: never[]) => unknown;

/** What was given to a method's decorator is looked at when it is put on a method. */
const onMethod =
  (decorator: Call): Call =>
  (...given) => {
    class Target {
      method(): void {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(Target.prototype, 'method');
    (decorator(...given) as Call)(...([Target.prototype, 'method', descriptor] as never[]));
  };
const onClass =
  (decorator: Call): Call =>
  (...given) =>
    (decorator(...given) as Call)(...([class Target {}] as never[]));

const api = publicApi as unknown as Readonly<Record<string, Call>>;
const forRoot = publicApi.JobsModule.forRoot.bind(publicApi.JobsModule) as Call;
const within =
  (part: string): Call =>
  (fields: object) =>
    (forRoot as (o: object) => unknown)({ [part]: fields });
const facts = Object.keys(publicApi).filter((name) => name.startsWith('OnJob'));

/** How each is called, and what is good for it. */
const DECLARATIONS: Readonly<Record<string, readonly [Call, readonly Argument[]]>> = {
  'JobsModule.forRoot': [forRoot, [options({ ...runtime, dataSource: 'x', schema: 's', isGlobal: true })]],
  'JobsModule.forRoot, worker': [within('worker'), [options(worker)]],
  'JobsModule.forRoot, sweep': [
    within('sweep'),
    [options({ every: '1s', cron: '* * * * *', timeZone: 'UTC' }, { cron: '* * * * *' })],
  ],
  'JobsModule.forRoot, limits': [within('limits'), [options({ payload: 9 })]],
  'JobsModule.forRoot, enhancers': [within('enhancers'), [options({ global: true })]],
  'JobsModule.forRootAsync': [
    publicApi.JobsModule.forRootAsync.bind(publicApi.JobsModule),
    [options({ dataSource: 'x', schema: 's', useFactory: () => ({}) }, { useFactory: () => ({}) })],
  ],
  'the factory of JobsModule.forRootAsync': [(made: never) => resolveAsyncJobsOptions({}, made), [options(runtime)]],
  ReliableEvent: [onClass(api['ReliableEvent']!), [arg('name', 'a.b'), options(event)]],
  reliableEvent: [api['reliableEvent']!, [arg('name', 'a.b'), options(event)]],
  'reliableEvent, of a later version': [
    api['reliableEvent']!,
    [arg('name', 'a.b'), options({ version: 2 }, { version: 2, upcasters: { 1: (payload: unknown) => payload } })],
  ],
  emission: [api['emission']!, [arg('event', new Event()), options({})]],
  on: [api['on']!, [arg('event', Event), arg('target', () => null)]],
  OnReliableEvent: [onMethod(api['OnReliableEvent']!), [arg('event', Event), options(receiver)]],
  'options of receivers': [
    (given: { id?: string }) => {
      const checks = new OptionChecks('Class.method');
      checkReceiverOptions(given, checks);
      if (given.id !== undefined) checkReceiverId('id', given.id, checks);
      return resolveReceiverOptions(given, checks);
    },
    [options(receiver)],
  ],
  'retry of receivers': [
    (given: never) => resolveReceiverOptions({ retry: given }, new OptionChecks('Class.method')),
    [options(retry)],
  ],
  JobType: [onClass(api['JobType']!), [arg('name', 'a.b'), options(jobType)]],
  RaiseJobOnError: [
    onMethod(api['RaiseJobOnError']!),
    [arg('type', Do), options({ errors: [Error], request: () => ({}), recover: () => 1 }, { errors: [Error] })],
  ],
  ...Object.fromEntries(facts.map((name) => [name, [onMethod(api[name]!), [arg('type', Do), options({})]]])),
  getJobsProviderToken: [api['getJobsProviderToken']!, [arg('service', publicApi.JobSweeps), arg('dataSource', 'x')]],
  getJobsServiceToken: [api['getJobsServiceToken']!, [arg('dataSource', 'x')]],
  getReliableEventsToken: [api['getReliableEventsToken']!, [arg('dataSource', 'x')]],
  InjectJobsProvider: [api['InjectJobsProvider']!, [arg('service', publicApi.JobSweeps), arg('dataSource', 'x')]],
  InjectJobsService: [api['InjectJobsService']!, [arg('dataSource', 'x')]],
  InjectReliableEvents: [api['InjectReliableEvents']!, [arg('dataSource', 'x')]],
  jobsEntities: [api['jobsEntities']!, [arg('schema', 's')]],
  jobsMigrations: [api['jobsMigrations']!, [arg('schema', 's')]],
  jobsMigrationSql: [api['jobsMigrationSql']!, [options(migration)]],
  'flags of runWorker': [parseWorkerFlags, [arg('args', [])]],
};

/** Functions that are no declarations: where they are tried. */
const ELSEWHERE = ['registerReceivers', 'runWorker'];

describe('Each decorator, option of the module and exported function', () => {
  it('is tried below, so that a new one cannot be forgotten', () => {
    const functions = Object.entries<unknown>({ ...publicApi })
      .filter(
        ([, value]) => typeof value === 'function' && !Function.prototype.toString.call(value).startsWith('class'),
      )
      .map(([name]) => name);
    const tried = new Set([...Object.keys(DECLARATIONS), ...ELSEWHERE]);
    expect(functions.filter((name) => !tried.has(name))).toEqual([]);
    expect(functions.length).toBeGreaterThan(20);
  });

  it.each(Object.entries(DECLARATIONS))('%s refuses hostile input with documented errors', (name, [call, args]) => {
    call(...(args.map(({ value }) => value) as never[]));
    // What refuses to be looked at comes from callers, not from whoever writes a declaration: its own error tells most.
    const calls = hostileCalls(name, args).filter(({ text }) => !/ = (revoked )?proxy/.test(text));
    const problems = calls.flatMap((hostile) => {
      try {
        call(...(hostile.args as never[]));
        return [];
      } catch (error) {
        const complaint = complaintOf(error, hostile);
        return complaint === undefined ? [] : [`${hostile.text}: ${complaint}`];
      }
    });
    expect(problems).toEqual([]);
  });
});

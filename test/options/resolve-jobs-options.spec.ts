import { JobsError } from '../../lib/errors/jobs.error.js';
import type { JobsModuleOptions } from '../../lib/options/jobs-module-options.interface.js';
import { resolveAsyncJobsOptions, resolveJobsOptions } from '../../lib/options/resolve-jobs-options.js';

describe('defaults', () => {
  it('are added to nothing', () => {
    expect(resolveJobsOptions()).toEqual({
      dataSource: 'default',
      schema: undefined,
      register: true,
      requireTransaction: false,
      transactionManager: undefined,
      unroutedEvents: 'warn',
      bridge: [],
      limits: { payload: 262_144 },
      retention: 604_800_000,
      migrate: false,
      enhancers: { global: false },
      redact: undefined,
      onError: undefined,
      clock: { offset: 0 },
      worker: {
        receivers: undefined,
        excludeReceivers: [],
        label: undefined,
        concurrency: undefined,
        transactionalConcurrency: undefined,
        pollInterval: 2_000,
        shutdownGrace: 20_000,
        maxInterruptions: 10,
        batch: 500,
        lease: 30_000,
        connection: undefined,
      },
      sweep: { every: 30_000 },
    });
    expect(resolveJobsOptions({ worker: {}, limits: {}, enhancers: {} })).toEqual(resolveJobsOptions());
  });

  it('give way to what is said', () => {
    const options: JobsModuleOptions = {
      dataSource: 'jobs',
      schema: 'jobs_schema',
      isGlobal: false,
      register: false,
      requireTransaction: true,
      transactionManager: () => undefined,
      unroutedEvents: 'refuse',
      bridge: ['order.paid'],
      limits: { payload: 1_000 },
      retention: 0,
      migrate: true,
      enhancers: { global: true },
      redact: (text) => text,
      onError: () => undefined,
      clock: { offset: -5 },
      worker: {
        concurrency: 5,
        transactionalConcurrency: 2,
        pollInterval: '5s',
        shutdownGrace: 0,
        maxInterruptions: 3,
        receivers: ['order.*'],
        excludeReceivers: ['order.report'],
        label: 'kitchen 1',
        batch: 10,
        lease: '1m',
        connection: { url: 'postgres://localhost/db' },
      },
      sweep: { every: '1m' },
    };
    const { isGlobal: _isGlobal, ...rest } = options;
    expect(resolveJobsOptions(options)).toEqual({
      ...rest,
      worker: { ...(options.worker as object), pollInterval: 5_000, lease: 60_000 },
      sweep: { every: 60_000 },
    });
  });

  it('leave a moved clock movable', () => {
    const clock = { offset: 0 };
    expect(resolveJobsOptions({ clock }).clock).toBe(clock);
  });

  it('let the sweeps follow a cron expression, in its time zone, or none', () => {
    expect(resolveJobsOptions({ sweep: { cron: '*/5 * * * *', timeZone: 'Europe/Madrid' } }).sweep).toEqual({
      cron: '*/5 * * * *',
      timeZone: 'Europe/Madrid',
    });
    expect(resolveJobsOptions({ sweep: false }).sweep).toBe(false);
  });

  it('switch the worker off', () => {
    expect(resolveJobsOptions({ worker: false }).worker).toBe(false);
  });
});

describe('what stops the boot, naming the option, its kind and the remedy', () => {
  it.each<[unknown, string]>([
    [null, 'JobsModule: option (the options) must be an object with any of dataSource, schema'],
    [
      { worker: { concurency: 1 } },
      'JobsModule: there is no option worker.concurency. Did you mean worker.concurrency?',
    ],
    [{ bridge: 'order.paid' }, 'option bridge must be a list of event classes, definitions or names, but is'],
    [{ bridge: [undefined] }, 'option bridge[0] must be an event class, a definition or a name'],
    [{ sweep: true }, 'option sweep must be false or an object; leave it out for the defaults, but is true.'],
    [{ sweep: { evry: '1s' } }, 'JobsModule: there is no option sweep.evry. Did you mean sweep.every?'],
    [{ sweep: { every: 0 } }, 'option sweep.every must be a duration from 10 to'],
    [{ sweep: { every: '1s', cron: '* * * * *' } }, 'option sweep.every must be left out when sweep.cron is given'],
    [
      { sweep: { cron: 'now and then' } },
      "option sweep.cron must be a cron expression of five or six fields, such as '*/5 * * * *'",
    ],
    [{ sweep: { timeZone: 'UTC' } }, 'option sweep.timeZone must be left out without sweep.cron'],
    [
      { cursorSecret: 7 },
      'option cursorSecret must be a text of at least 32 characters; leave it out to have one kept in',
    ],
    [{ cursorSecret: 'hunter2' }, 'kept in the database, but is of kind boxed primitive.'],
    [
      { sweep: { cron: '* * * * *', timeZone: 'Mars' } },
      "option sweep.timeZone must be an IANA time zone, such as 'Europe/Madrid'",
    ],
    [{ Migrate: true }, 'JobsModule: there is no option Migrate. Did you mean migrate?'],
    [{ url: 'x' }, 'JobsModule: there is no option url. Known here: dataSource, schema'],
    [{ limits: { header: 1 } }, 'JobsModule: there is no option limits.header. Known here: payload.'],
    [{ enhancers: { globals: true } }, 'Did you mean enhancers.global?'],
    [
      { worker: { connection: { uri: 'x' } } },
      'there is no option worker.connection.uri. Did you mean worker.connection.url?',
    ],
    [
      { dataSource: '' },
      'option dataSource must be the name given to TypeOrmModule.forRoot; leave it out for the default data source, but is an empty string.',
    ],
    [{ dataSource: {} }, 'option dataSource must be the name given to TypeOrmModule.forRoot'],
    [{ schema: 'a"b' }, 'option schema must be a name without dots, quotes and backslashes'],
    [{ schema: 'a.b' }, 'option schema must be a name'],
    [{ schema: 'a\nb' }, 'option schema must be a name'],
    [{ schema: ' a' }, 'option schema must be a name'],
    [{ schema: 'pg_jobs' }, 'option schema must be a name'],
    [{ schema: 'x'.repeat(64) }, 'at most 63 bytes'],
    [{ schema: '\u00e9'.repeat(32) }, 'at most 63 bytes'],
    [{ isGlobal: 'no' }, 'option isGlobal must be true or false, but is the string "no".'],
    [{ register: 0 }, 'option register must be true or false, but is 0.'],
    [{ requireTransaction: 1 }, 'option requireTransaction must be true or false, but is 1.'],
    [
      { transactionManager: {} },
      'option transactionManager must be a function that returns an EntityManager or undefined, but is of kind object.',
    ],
    [{ unroutedEvents: 'ignore' }, "option unroutedEvents must be 'warn' or 'refuse', but is the string \"ignore\"."],
    [{ limits: 5 }, 'option limits must be an object with any of payload, but is 5.'],
    [{ limits: { payload: '1MB' } }, 'option limits.payload must be an integer from 2 to'],
    [{ retention: 'forever' }, 'JobsModule: option retention'],
    [{ retention: -1 }, 'JobsModule: option retention'],
    [{ migrate: 'auto' }, 'option migrate must be true or false'],
    [{ redact: /x/ }, 'option redact must be a function (text) => text, but is of kind RegExp.'],
    [{ onError: true }, 'option onError must be a function (error, context) => void, but is true.'],
    [{ clock: { offset: '1' } }, 'option clock.offset must be a number'],
    [{ worker: true }, 'option worker must be false or an object; leave it out for the defaults, but is true.'],
    [{ worker: { concurrency: 0 } }, 'option worker.concurrency must be an integer from 1 to 10000, but is 0.'],
    [{ worker: { transactionalConcurrency: 2.5 } }, 'option worker.transactionalConcurrency must be an integer'],
    [
      { worker: { pollInterval: 1 } },
      'option worker.pollInterval must be a duration from 10 to 2147483647 milliseconds, but is 1.',
    ],
    [
      { worker: { shutdownGrace: '30d' } },
      'option worker.shutdownGrace must be a duration from 0 to 2147483647 milliseconds',
    ],
    [
      { worker: { maxInterruptions: Infinity } },
      'option worker.maxInterruptions must be an integer from 1 to 10000, but is Infinity.',
    ],
    [{ worker: { batch: 0 } }, 'option worker.batch must be an integer'],
    [{ worker: { receivers: 'order.*' as never } }, 'option worker.receivers must be a list of receiver ids'],
    [{ worker: { excludeReceivers: [''] } }, 'option worker.excludeReceivers must be a list of receiver ids'],
    [{ worker: { label: 'x'.repeat(65) } }, 'option worker.label must be a text of 1 to 64 printable characters'],
    [{ worker: { lease: '10ms' } }, 'option worker.lease must be a duration from 1000'],
    [{ worker: { connection: 'postgres://x' } }, 'option worker.connection must be an object with any of url'],
  ])('%j', (options, message) => {
    let failure: unknown;
    try {
      resolveJobsOptions(options as JobsModuleOptions);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(JobsError);
    expect((failure as Error).message).toContain(message);
    expect((failure as Error).message).toMatch(/^JobsModule: /);
  });

  it('does not show a connection URL', () => {
    const resolve = () => resolveJobsOptions({ worker: { connection: { url: 'mysql://user:secret@host' } } });
    expect(resolve).toThrow('option worker.connection.url must be a URL that begins with postgres://');
    expect(resolve).not.toThrow('secret');
  });
});

describe('what an asynchronous factory returns', () => {
  it('is completed by what stands beside it', () => {
    expect(resolveAsyncJobsOptions({ schema: 'jobs' }, { register: false })).toEqual(
      resolveJobsOptions({ schema: 'jobs', register: false }),
    );
  });

  it.each(['dataSource', 'schema', 'isGlobal'])('cannot decide %s', (option) => {
    expect(() => resolveAsyncJobsOptions({}, { [option]: 'x' })).toThrow(
      `JobsModule: option ${option} must be given beside the factory of forRootAsync, as it decides providers and tables`,
    );
  });

  it('cannot be nothing', () => {
    expect(() => resolveAsyncJobsOptions({}, undefined)).toThrow('return {} for the defaults, but is undefined.');
    expect(() => resolveAsyncJobsOptions({}, null as unknown as undefined)).toThrow('but is null.');
  });
});

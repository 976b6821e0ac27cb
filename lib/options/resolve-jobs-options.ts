import { validateCronExpression } from 'cron';
import { DEFAULT_DATA_SOURCE } from '../data-sources/default-data-source.js';
import { isStorable } from '../engine/text/well-formed.js';
import { databaseClock, type Clock } from '../engine/clock/clock.js';
import type {
  JobsDeclarationOptions,
  JobsModuleAsyncOptions,
  JobsModuleOptions,
  JobsRuntimeOptions,
  JobsSweepOptions,
  JobsWorkerOptions,
} from './jobs-module-options.interface.js';
import { checkBridge } from './check-bridge.js';
import { OptionChecks, TIMER_LIMIT } from './option-checks.js';
import type { ResolvedJobsOptions, ResolvedSweepOptions, ResolvedWorkerOptions } from './resolved-jobs-options.js';

/** Every default of the module, and the only place that knows them. */
const DEFAULTS = {
  register: true,
  requireTransaction: false,
  unroutedEvents: 'warn',
  limits: { payload: 256 * 1024 },
  retention: '7d',
  migrate: false,
  enhancers: { global: false },
  clock: databaseClock,
  sweep: { every: '30s' },
  worker: { pollInterval: '2s', shutdownGrace: '20s', maxInterruptions: 10, batch: 1000, lease: '30s' },
} as const;

type Keys<Options> = readonly (keyof Options & string)[];

const DECLARATION: Keys<JobsDeclarationOptions> = ['dataSource', 'schema', 'isGlobal'];

const RUNTIME: Keys<JobsRuntimeOptions> = [
  'register',
  'requireTransaction',
  'transactionManager',
  'unroutedEvents',
  'bridge',
  'limits',
  'retention',
  'migrate',
  'enhancers',
  'cursorSecret',
  'redact',
  'onError',
  'appVersion',
  'clock',
  'worker',
  'sweep',
];

const SWEEP: Keys<JobsSweepOptions> = ['every', 'cron', 'timeZone'];

const WORKER: Keys<JobsWorkerOptions> = [
  'receivers',
  'excludeReceivers',
  'label',
  'concurrency',
  'transactionalConcurrency',
  'pollInterval',
  'shutdownGrace',
  'maxInterruptions',
  'batch',
  'lease',
  'connection',
];

const MIB = 1024 * 1024;
const MAX_OFFSET = 100 * 365 * 24 * 3_600_000;
/** TypeORM takes a dot for the end of a schema's name, and quotes names without escaping what is in them. */
const SCHEMA_NAME = /^[^."'\\\p{Cc}\p{Cs}]+$/u;
/** Bytes; PostgreSQL cuts longer identifiers, silently. */
const IDENTIFIER_LENGTH = 63;
const SECRET_LENGTH = 32;
const APP_VERSION_LENGTH = 100;
const LABEL_LENGTH = 64;
const LABEL = /^(?! )[^\p{C}\p{Zl}\p{Zp}]+(?<! )$/u;
const POSTGRES_URL = /^postgres(ql)?:\/\//i;

const ASYNC: Keys<JobsModuleAsyncOptions> = ['imports', 'useFactory', 'useClass', 'useExisting', 'inject'];

const checks = new OptionChecks('JobsModule');
const asyncChecks = new OptionChecks('JobsModule.forRootAsync');

/**
 * Checks the module's options and adds the defaults.
 *
 * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
 */
export function resolveJobsOptions(options: JobsModuleOptions = {}): ResolvedJobsOptions {
  checks.object('', options, [...DECLARATION, ...RUNTIME]);
  const limits = options.limits ?? {};
  checks.object('limits', limits, ['payload']);
  const enhancers = options.enhancers ?? {};
  checks.object('enhancers', enhancers, ['global']);
  return {
    ...checkDeclaration(options),
    register: checks.boolean('register', options.register ?? DEFAULTS.register),
    requireTransaction: checks.boolean('requireTransaction', options.requireTransaction ?? DEFAULTS.requireTransaction),
    transactionManager: optional(options.transactionManager, (value) =>
      checks.callable('transactionManager', value, 'a function that returns an EntityManager or undefined'),
    ),
    unroutedEvents: checks.oneOf('unroutedEvents', options.unroutedEvents ?? DEFAULTS.unroutedEvents, [
      'warn',
      'refuse',
    ]),
    bridge: checkBridge(options.bridge ?? [], checks),
    limits: {
      payload: checks.integer('limits.payload', limits.payload ?? DEFAULTS.limits.payload, { min: 2, max: 255 * MIB }),
    },
    retention: checks.duration('retention', options.retention ?? DEFAULTS.retention),
    migrate: checks.boolean('migrate', options.migrate ?? DEFAULTS.migrate),
    enhancers: { global: checks.boolean('enhancers.global', enhancers.global ?? DEFAULTS.enhancers.global) },
    cursorSecret: optional(options.cursorSecret, checkSecret),
    redact: optional(options.redact, (value) => checks.callable('redact', value, 'a function (text) => text')),
    onError: optional(options.onError, (value) =>
      checks.callable('onError', value, 'a function (error, context) => void'),
    ),
    appVersion: optional(options.appVersion, checkAppVersion),
    clock: checkClock(options.clock ?? DEFAULTS.clock),
    worker: options.worker === false ? false : resolveWorker(options.worker ?? {}),
    sweep: options.sweep === false ? false : resolveSweep(options.sweep ?? {}),
  };
}

/** Checks the options that decide providers and tables. */
function checkDeclaration(options: JobsDeclarationOptions): Pick<ResolvedJobsOptions, 'dataSource' | 'schema'> {
  optional(options.isGlobal, (value) => checks.boolean('isGlobal', value));
  return {
    dataSource: checks.text(
      'dataSource',
      options.dataSource ?? DEFAULT_DATA_SOURCE,
      'the name given to TypeOrmModule.forRoot; leave it out for the default data source',
    ),
    schema: optional(options.schema, checkSchema),
  };
}

/** Checks what stands beside the factory of `forRootAsync`. */
export function checkAsyncOptions(options: JobsModuleAsyncOptions): Pick<ResolvedJobsOptions, 'dataSource' | 'schema'> {
  asyncChecks.object('', options, [...DECLARATION, ...ASYNC]);
  return checkDeclaration(options);
}

/**
 * Checks what an asynchronous factory returned.
 *
 * @throws InvalidOptionError when it contains options that must stand beside the factory.
 */
export function resolveAsyncJobsOptions(
  declared: JobsDeclarationOptions,
  made: JobsRuntimeOptions | undefined,
): ResolvedJobsOptions {
  if (made === undefined) {
    throw checks.invalid('', 'what the factory of forRootAsync returns; return {} for the defaults', made);
  }
  checks.object('', made, [...DECLARATION, ...RUNTIME]);
  for (const option of DECLARATION) {
    if (option in made) {
      throw checks.invalid(
        option,
        'given beside the factory of forRootAsync, as it decides providers and tables',
        Reflect.get(made, option),
      );
    }
  }
  return resolveJobsOptions({ ...made, ...declared });
}

/**
 * Checks how a process is to work, and adds the defaults.
 *
 * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
 */
export function resolveWorker(worker: JobsWorkerOptions): ResolvedWorkerOptions {
  if (typeof worker !== 'object')
    throw checks.invalid('worker', 'false or an object; leave it out for the defaults', worker);
  checks.object('worker', worker, WORKER);
  const defaults = DEFAULTS.worker;
  const count = (option: keyof JobsWorkerOptions, value: number): number =>
    checks.integer(`worker.${option}`, value, { min: 1, max: 10_000 });
  return {
    receivers: optional(worker.receivers, (value) => checkReceivers('worker.receivers', value)),
    excludeReceivers: checkReceivers('worker.excludeReceivers', worker.excludeReceivers ?? []),
    label: optional(worker.label, (value) => checkLabel('worker.label', value, checks)),
    concurrency: optional(worker.concurrency, (value) => count('concurrency', value)),
    transactionalConcurrency: optional(worker.transactionalConcurrency, (value) =>
      count('transactionalConcurrency', value),
    ),
    pollInterval: checks.duration('worker.pollInterval', worker.pollInterval ?? defaults.pollInterval, {
      min: 10,
      max: TIMER_LIMIT,
    }),
    shutdownGrace: checks.duration('worker.shutdownGrace', worker.shutdownGrace ?? defaults.shutdownGrace, {
      min: 0,
      max: TIMER_LIMIT,
    }),
    maxInterruptions: count('maxInterruptions', worker.maxInterruptions ?? defaults.maxInterruptions),
    batch: count('batch', worker.batch ?? defaults.batch),
    lease: checks.duration('worker.lease', worker.lease ?? defaults.lease, { min: 1_000, max: TIMER_LIMIT }),
    connection: optional(worker.connection, checkConnection),
    term: undefined,
  };
}

function checkReceivers(option: string, receivers: unknown): readonly string[] {
  const isId = (one: unknown): one is string => typeof one === 'string' && one !== '';
  if (Array.isArray(receivers) && receivers.every(isId)) return receivers;
  throw checks.invalid(option, "a list of receiver ids, such as ['order.*', 'analytics.count']", receivers);
}

/** Checks what a process is called. */
export function checkLabel(option: string, label: unknown, at: OptionChecks): string {
  if (typeof label === 'string' && label.length <= LABEL_LENGTH && LABEL.test(label)) return label;
  throw at.invalid(
    option,
    `a text of 1 to ${LABEL_LENGTH} printable characters without a space at the ends, such as 'worker-1'`,
    label,
  );
}

function resolveSweep(sweep: JobsSweepOptions): ResolvedSweepOptions {
  if (typeof sweep !== 'object')
    throw checks.invalid('sweep', 'false or an object; leave it out for the defaults', sweep);
  checks.object('sweep', sweep, SWEEP);
  const { every, cron, timeZone } = sweep;
  if (cron === undefined) {
    if (timeZone !== undefined) throw checks.invalid('sweep.timeZone', 'left out without sweep.cron', timeZone);
    const bounds = { min: 10, max: TIMER_LIMIT };
    return { every: checks.duration('sweep.every', every ?? DEFAULTS.sweep.every, bounds) };
  }
  if (every !== undefined) throw checks.invalid('sweep.every', 'left out when sweep.cron is given', every);
  return { cron: checkCron(cron), timeZone: optional(timeZone, checkTimeZone) };
}

function checkCron(cron: string): string {
  const expectation = "a cron expression of five or six fields, such as '*/5 * * * *'";
  if (validateCronExpression(checks.text('sweep.cron', cron, expectation)).valid) return cron;
  throw checks.invalid('sweep.cron', expectation, cron);
}

function checkTimeZone(timeZone: string): string {
  const expectation = "an IANA time zone, such as 'Europe/Madrid'";
  checks.text('sweep.timeZone', timeZone, expectation);
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    throw checks.invalid('sweep.timeZone', expectation, timeZone);
  }
}

function checkConnection(connection: { readonly url: string }): { readonly url: string } {
  checks.object('worker.connection', connection, ['url']);
  const { url } = connection;
  if (typeof url === 'string' && POSTGRES_URL.test(url)) return { url };
  // The text may hold a password, so it is not shown.
  throw checks.invalid(
    'worker.connection.url',
    'a URL that begins with postgres://',
    typeof url === 'string' ? Object(url) : url,
  );
}

function checkSchema(schema: string): string {
  const name = checks.text(
    'schema',
    schema,
    'the name of a PostgreSQL schema; leave it out for the schema of the data source',
  );
  const fits = Buffer.byteLength(name) <= IDENTIFIER_LENGTH;
  if (SCHEMA_NAME.test(name) && fits && name.trim() === name && !/^pg_/i.test(name)) return name;
  throw checks.invalid(
    'schema',
    `a name without dots, quotes and backslashes that does not begin with pg_, at most ${IDENTIFIER_LENGTH} bytes`,
    schema,
  );
}

function checkSecret(secret: unknown): string {
  if (typeof secret === 'string' && secret.length >= SECRET_LENGTH) return secret;
  // What is secret is not shown.
  throw checks.invalid(
    'cursorSecret',
    `a text of at least ${SECRET_LENGTH} characters; leave it out to have one kept in the database`,
    typeof secret === 'string' ? Object(secret) : secret,
  );
}

function checkAppVersion(version: string): string {
  const expectation = `a text of 1 to ${APP_VERSION_LENGTH} characters that PostgreSQL can keep`;
  const text = checks.text('appVersion', version, expectation);
  if (text.length <= APP_VERSION_LENGTH && isStorable(text)) return text;
  throw checks.invalid('appVersion', expectation, version);
}

function checkClock(clock: Clock): Clock {
  checks.number('clock.offset', (clock as Clock | null)?.offset, { min: -MAX_OFFSET, max: MAX_OFFSET });
  return clock;
}

function optional<Value, Result>(value: Value | undefined, check: (value: Value) => Result): Result | undefined {
  return value === undefined ? undefined : check(value);
}

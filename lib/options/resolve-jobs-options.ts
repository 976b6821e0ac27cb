import { DEFAULT_DATA_SOURCE } from '../data-sources/default-data-source.js';
import { isStorable } from '../engine/text/well-formed.js';
import type { Clock } from '../engine/clock/clock.js';
import type {
  JobsDeclarationOptions,
  JobsModuleAsyncOptions,
  JobsModuleOptions,
  JobsRuntimeOptions,
} from './jobs-module-options.interface.js';
import { checkBridge } from './check-bridge.js';
import { OptionChecks } from './option-checks.js';
import { DEFAULTS } from './option-defaults.js';
import type { OptionNames } from './option-names.js';
import { optional } from './optional.js';
import { resolveSweep } from './resolve-sweep-options.js';
import { resolveWorker } from './resolve-worker-options.js';
import type { ResolvedJobsOptions } from './resolved-jobs-options.js';

const DECLARATION: OptionNames<JobsDeclarationOptions> = ['dataSource', 'schema', 'isGlobal'];

const RUNTIME: OptionNames<JobsRuntimeOptions> = [
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

const MIB = 1024 * 1024;
const MAX_OFFSET = 100 * 365 * 24 * 3_600_000;
/** TypeORM takes a dot for the end of a schema's name, and quotes names without escaping what is in them. */
const SCHEMA_NAME = /^[^."'\\\p{Cc}\p{Cs}]+$/u;
/** Bytes; PostgreSQL cuts longer identifiers, silently. */
const IDENTIFIER_LENGTH = 63;
const SECRET_LENGTH = 32;
const APP_VERSION_LENGTH = 100;
const ASYNC: OptionNames<JobsModuleAsyncOptions> = ['imports', 'useFactory', 'useClass', 'useExisting', 'inject'];

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

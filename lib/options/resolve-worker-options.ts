import type { JobsWorkerOptions } from './jobs-module-options.interface.js';
import { OptionChecks, TIMER_LIMIT } from './option-checks.js';
import { DEFAULTS } from './option-defaults.js';
import type { OptionNames } from './option-names.js';
import { optional } from './optional.js';
import type { ResolvedWorkerOptions } from './resolved-jobs-options.js';

const WORKER: OptionNames<JobsWorkerOptions> = [
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

const LABEL_LENGTH = 64;
const LABEL = /^(?! )[^\p{C}\p{Zl}\p{Zp}]+(?<! )$/u;
const POSTGRES_URL = /^postgres(ql)?:\/\//i;

const checks = new OptionChecks('JobsModule');

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

import { isDeepStrictEqual } from 'node:util';
import type { Receiver } from '../engine/receivers/receiver.js';
import { resolveRetryPolicy } from '../engine/receivers/retry-policy.js';
import { ConflictingReceiverOptionsError } from '../errors/conflicting-receiver-options.error.js';
import { type OptionChecks, TIMER_LIMIT } from '../options/option-checks.js';
import { isSender } from './payload/check-labels.js';
import type { OnReliableEventOptions } from './on-reliable-event-options.interface.js';

const DEFAULT_TIMEOUT = '30m';
const MAX_CONCURRENCY = 10_000;
/** From 64 savepoints in one transaction on, every snapshot on the server takes longer. */
const MAX_GROUP = 50;
const ID_LENGTH = 200;
/** No control, format or unassigned character, no line break, and no space at the ends. */
const PRINTABLE = /^(?! )[^\p{C}\p{Zl}\p{Zp}]+(?<! )$/u;

/** Names of the options of a receiver. */
export const RECEIVER_OPTIONS: readonly (keyof OnReliableEventOptions)[] = [
  'id',
  'aliases',
  'sender',
  'retry',
  'timeout',
  'concurrency',
  'transactional',
  'dataSource',
];

/** What a receiver's options come to. */
export type ReceiverSettings = Pick<
  Receiver,
  'aliases' | 'sender' | 'retry' | 'timeout' | 'concurrency' | 'transactional' | 'groupCommit'
>;

/** Checks options as they were written; what they come to is checked when they are merged. */
export function checkReceiverOptions(options: OnReliableEventOptions, checks: OptionChecks): void {
  checks.object('', options, RECEIVER_OPTIONS);
}

/**
 * One set of options out of those of stacked decorators. Each may leave options to the others, but not contradict them.
 *
 * @throws ConflictingReceiverOptionsError
 */
export function mergeReceiverOptions(
  id: string,
  stacked: readonly OnReliableEventOptions[],
  place: string,
): OnReliableEventOptions {
  const merged: Partial<Record<keyof OnReliableEventOptions, unknown>> = {};
  for (const options of stacked) {
    for (const option of RECEIVER_OPTIONS) {
      const value: unknown = options[option];
      if (value === undefined) continue;
      if (merged[option] !== undefined && !isDeepStrictEqual(merged[option], value)) {
        throw new ConflictingReceiverOptionsError(place, id, option);
      }
      merged[option] = value;
    }
  }
  return merged as OnReliableEventOptions;
}

/** @throws InvalidOptionError, UnknownOptionError, DurationError naming class, method and option. */
export function resolveReceiverOptions(options: OnReliableEventOptions, checks: OptionChecks): ReceiverSettings {
  const { aliases = [], sender, retry, timeout = DEFAULT_TIMEOUT, concurrency, transactional = false } = options;
  if (!Array.isArray(aliases)) throw checks.invalid('aliases', 'a list of former ids', aliases);
  return {
    aliases: [...new Set(aliases.map((alias: unknown, index) => checkReceiverId(`aliases[${index}]`, alias, checks)))],
    sender: sender === undefined ? null : checkSenderOption(sender, checks),
    retry: resolveRetryPolicy(retry, checks),
    timeout: timeout === false ? null : checks.duration('timeout', timeout, { min: 1, max: TIMER_LIMIT }),
    concurrency:
      concurrency === undefined ? null : checks.integer('concurrency', concurrency, { min: 1, max: MAX_CONCURRENCY }),
    ...resolveTransactional(transactional, checks),
  };
}

function resolveTransactional(
  transactional: unknown,
  checks: OptionChecks,
): Pick<Receiver, 'transactional' | 'groupCommit'> {
  if (typeof transactional === 'boolean') return { transactional };
  if (typeof transactional !== 'object' || transactional === null || Array.isArray(transactional)) {
    throw checks.invalid('transactional', `true, false or { groupCommit: 2 to ${MAX_GROUP} }`, transactional);
  }
  const { groupCommit } = checks.object('transactional', transactional, ['groupCommit']);
  return {
    transactional: true,
    groupCommit: checks.integer('transactional.groupCommit', groupCommit, { min: 2, max: MAX_GROUP }),
  };
}

function checkSenderOption(sender: unknown, checks: OptionChecks): string {
  if (isSender(sender)) return sender;
  throw checks.invalid('sender', "1 to 255 characters, as given to emit or send, such as 'payments'", sender);
}

/** Refuses ids that would be hard to read in a table or a log. */
export function checkReceiverId(option: string, id: unknown, checks: OptionChecks): string {
  if (typeof id === 'string' && id.length <= ID_LENGTH && PRINTABLE.test(id)) return id;
  throw checks.invalid(
    option,
    `1 to ${ID_LENGTH} printable characters without a space at the ends, such as 'order.on-payment-completed'`,
    id,
  );
}

import { OptionChecks } from '../options/option-checks.js';
import type { EmitOptions, EventOptions } from './emit-options.interface.js';

const EVENT_OPTIONS: readonly (keyof EventOptions)[] = [
  'delay',
  'runAt',
  'priority',
  'key',
  'dedupeKey',
  'dedupeWindow',
  'headers',
  'correlationId',
  'tenant',
  'sender',
  'tags',
  'retain',
];
const EMIT_OPTIONS: readonly (keyof EmitOptions)[] = ['manager', 'requireTransaction', ...EVENT_OPTIONS];

/** Refusals of what a call to emit was given. */
export const emitChecks = new OptionChecks('emit');

/**
 * Refuses options of a call that do not exist: a misspelt one would silently be a default.
 *
 * @throws UnknownOptionError, InvalidOptionError
 */
export function checkEmitOptions(options: EmitOptions): void {
  if (isManager(options)) {
    throw emitChecks.invalid('', 'an object such as { manager }, not the manager itself', options);
  }
  emitChecks.object('', options, EMIT_OPTIONS);
}

/**
 * The same for the options of one event among several: which transaction to join is said once, for all of them.
 *
 * @throws UnknownOptionError, InvalidOptionError
 */
export function checkEventOptions(options: EventOptions): void {
  emitChecks.object('', options, EVENT_OPTIONS);
}

function isManager(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'getRepository' in options;
}

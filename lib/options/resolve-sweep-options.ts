import { validateCronExpression } from 'cron';
import type { JobsSweepOptions } from './jobs-module-options.interface.js';
import { OptionChecks, TIMER_LIMIT } from './option-checks.js';
import { DEFAULTS } from './option-defaults.js';
import type { OptionNames } from './option-names.js';
import { optional } from './optional.js';
import type { ResolvedSweepOptions } from './resolved-jobs-options.js';

const SWEEP: OptionNames<JobsSweepOptions> = ['every', 'cron', 'timeZone'];

const checks = new OptionChecks('JobsModule');

/**
 * Checks when a process is to sweep, and adds the defaults.
 *
 * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
 */
export function resolveSweep(sweep: JobsSweepOptions): ResolvedSweepOptions {
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

import { JobsError } from '../../errors/jobs.error.js';
import { kindOf } from '../../engine/text/kind-of.js';

/**
 * Someone or some group, as text: a kind and an id, such as `user:7` or `role:support`. It is text on purpose: a job outlives its user.
 *
 * @publicApi
 */
export type Principal = `${string}:${string}`;

/** Who acts when nobody is named. */
export const SYSTEM = 'system';

/** Who acts when an event does something to jobs: the event. Redelivered, it finds its own name in the history. */
export function eventActor(eventId: string): Principal {
  return `event:${eventId}`;
}

const PRINCIPAL = /^[a-z][a-z0-9_-]{0,31}:[^\s\p{C}]{1,200}$/u;

/**
 * Checks a principal.
 *
 * @param field name of what was given, for the error.
 * @throws JobsError
 */
export function checkPrincipal(field: string, value: unknown): Principal {
  if (typeof value === 'string' && PRINCIPAL.test(value)) return value as Principal;
  const given = typeof value === 'string' ? `the text ${JSON.stringify(value.slice(0, 60))}` : kindOf(value);
  throw new JobsError(`${field}: ${given} is not a principal; give a kind and an id such as user:7 or role:support.`);
}

import * as publicApi from '../../../lib/index.js';
import type { HostileCall } from './entry.js';

type Class = abstract new (...args: never[]) => object;

/** What a field is called in an error where that is not its name. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = { after: ['after', 'cursor'] };

/** Errors that say what stands in the way, and not that what was given is wrong. */
const ABOUT_STATE = new Set<unknown>([
  publicApi.JobConflictError,
  publicApi.JobNotFoundError,
  publicApi.ReceiverNotFoundError,
  publicApi.UnknownJobTypeError,
]);

/** Classes that the package exports, by name. */
export const publicClasses = Object.entries<unknown>({ ...publicApi }).filter((entry): entry is [string, Class] =>
  isClass(entry[1]),
);
const errors = new Set<unknown>(publicClasses.flatMap(([, one]) => (isError(one) ? [one] : [])));

function isClass(value: unknown): boolean {
  return typeof value === 'function' && Function.prototype.toString.call(value).startsWith('class');
}

/** Whether instances of a class are errors. */
export function isError(one: Class): boolean {
  return one.prototype instanceof Error;
}

/** What is wrong with an error that a call was refused with; `undefined` when it is documented and names the field. */
export function complaintOf(error: unknown, { field }: HostileCall): string | undefined {
  if (!(error instanceof publicApi.JobsError)) return `threw ${shown(error)}`;
  if (!errors.has(error.constructor)) return `threw ${error.name}, which is not exported`;
  if (error.message.length > 3_000) return `threw ${error.name} with a message of ${error.message.length} characters`;
  const named = field === undefined || (SYNONYMS[field] ?? [field]).some((name) => error.message.includes(name));
  if (!named && !ABOUT_STATE.has(error.constructor))
    return `threw ${error.name} that does not name the field: ${error.message}`;
  return undefined;
}

function shown(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error';
  return `${error.constructor.name}: ${error.message.slice(0, 200)}${
    error.stack === undefined
      ? ''
      : ` ${
          error.stack
            .split('\n')
            .find((line) => line.includes('/lib/'))
            ?.trim() ?? ''
        }`
  }`;
}

import { EventDefinitionError } from '../../errors/event-definition.error.js';
import { escapeForLog } from '../../engine/text/escape-for-log.js';
import { kindOf } from '../../engine/text/kind-of.js';

const LENGTH_LIMIT = 200;
const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const ANY = '*';
const WILDCARD_END = '.*';
const SHOWN = 60;

/**
 * Refuses what is not the name of an event: segments of `a-z`, `0-9`, `_` and `-`, separated by dots, at most 200 characters.
 *
 * @throws EventDefinitionError
 */
export function assertEventName(name: unknown): asserts name is string {
  if (!isEventName(name)) {
    throw new EventDefinitionError(
      shown(name),
      'is not the name of an event; use lower-case segments of letters, digits, _ and - with dots between, such as payment.completed',
    );
  }
}

/**
 * Refuses what a receiver cannot listen to: it is a name, a prefix followed by `.*`, or `*`.
 *
 * @throws EventDefinitionError
 */
export function assertEventPattern(pattern: unknown): asserts pattern is string {
  if (typeof pattern === 'string' && (pattern === ANY || isEventName(prefixOf(pattern) ?? pattern))) {
    return;
  }
  throw new EventDefinitionError(
    shown(pattern),
    'is no event name or pattern; listen to a name such as order.paid, to order.* for all names that begin with order., or to * for every event',
  );
}

/** Whether a pattern stands for more than one name. */
export function isWildcard(pattern: string): boolean {
  return pattern === ANY || prefixOf(pattern) !== undefined;
}

/** Every pattern that matches a name, the most exact first: `a.b.c` gives `a.b.c`, `a.b.*`, `a.*` and `*`. */
export function candidatePatterns(name: string): string[] {
  const patterns = [name];
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    patterns.push(name.slice(0, dot) + WILDCARD_END);
  }
  patterns.push(ANY);
  return patterns;
}

/** Whether a receiver of `pattern` hears of events called `name`. `order.*` stands for one or more further segments, not for `order`. */
export function matchesPattern(pattern: string, name: string): boolean {
  if (pattern === ANY) {
    return true;
  }
  const prefix = prefixOf(pattern);
  return prefix === undefined ? pattern === name : name.startsWith(`${prefix}.`);
}

function isEventName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= LENGTH_LIMIT && NAME.test(name);
}

function prefixOf(pattern: string): string | undefined {
  return pattern.endsWith(WILDCARD_END) ? pattern.slice(0, -WILDCARD_END.length) : undefined;
}

function shown(name: unknown): string {
  return typeof name === 'string' ? `'${escapeForLog(name.slice(0, SHOWN))}'` : kindOf(name);
}

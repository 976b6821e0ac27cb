import { PayloadError } from '../../errors/payload.error.js';
import { isEntityManager } from '../../engine/database/postgres-driver.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { isStorable } from '../../engine/text/well-formed.js';
import { checkTags } from '../../events/payload/check-labels.js';
import { OptionChecks } from '../../options/option-checks.js';
import { checkPrincipal, type Principal } from '../model/principal.js';

/** Bounds of a job's priority. */
export const PRIORITY = { min: -100, max: 100 } as const;
/** Longest time ahead: a hundred years of 365 days. */
export const FURTHEST = 100 * 365 * 24 * 60 * 60 * 1_000;
const PRINCIPALS_LIMIT = 100;

/** Checks what one verb was given; every refusal names the verb, the field, what it is and what it must be. */
export class JobChecks extends OptionChecks {
  /** Refuses options the verb does not know, and a manager that is none. */
  options(options: object, known: readonly string[]): void {
    if (isEntityManager(options)) {
      throw this.invalid('', 'an object such as { manager }, not the manager itself', options);
    }
    const { manager } = this.object('', options, known);
    if (manager !== undefined && !isEntityManager(manager)) {
      throw this.invalid('manager', 'an EntityManager, such as the one dataSource.transaction() hands out', manager);
    }
  }

  /** Milliseconds of a time from now. */
  ahead(option: string, value: unknown): number {
    return this.duration(option, value, { min: 0, max: FURTHEST });
  }

  priority(value: unknown): number {
    return this.integer('priority', value, PRIORITY);
  }

  /** A list of principals, each once. */
  principals(option: string, values: unknown): Principal[] {
    const expectation = `a list of at most ${PRINCIPALS_LIMIT} principals such as role:support`;
    const list = this.items(option, values, PRINCIPALS_LIMIT, expectation);
    return [...new Set(list.map((value, index) => checkPrincipal(`${option}[${index}]`, value)))];
  }

  /** Tags, each once. */
  tags(values: unknown, field = 'tags'): string[] {
    return [...new Set(checkTags(values, field) ?? [])];
  }

  /** A text that says something and that PostgreSQL can keep. */
  words(option: string, value: unknown, limit: number): string {
    if (typeof value !== 'string' || value.trim() === '' || value.length > limit) {
      throw this.invalid(option, `a text of 1 to ${limit} characters`, value);
    }
    return storable(option, value);
  }
}

/**
 * Passes a text on that PostgreSQL can keep.
 *
 * @throws PayloadError
 */
export function storable(field: string, text: string): string {
  if (isStorable(text)) return text;
  throw new PayloadError(field, kindOf(text), 'a text with \\u0000 or a lone surrogate cannot be stored; remove it');
}

import { kindOf } from '../engine/text/kind-of.js';
import { isStorable } from '../engine/text/well-formed.js';
import { PayloadError } from '../errors/payload.error.js';
import { OptionChecks } from '../options/option-checks.js';

const ACTOR_LIMIT = 255;
const REASON_LIMIT = 2_000;

/** Checks what one operation was given; every refusal names the operation, the field, what it is and what it must be. */
export class OperationChecks extends OptionChecks {
  /** Who acts. */
  actor(value: unknown): string {
    return this.words('actor', value, ACTOR_LIMIT, 'who acts, such as the id of a user or the name of a script');
  }

  /** Why; what is said once is kept for ever. */
  reason(value: unknown): string {
    return this.words('reason', value, REASON_LIMIT, 'why');
  }

  /** A text that says something and that PostgreSQL can keep. */
  words(option: string, value: unknown, limit: number, meaning: string): string {
    if (typeof value !== 'string' || value.trim() === '' || value.length > limit) {
      throw this.invalid(option, `a text of 1 to ${limit} characters that says ${meaning}`, value);
    }
    return this.storable(option, value);
  }

  /** A text that PostgreSQL can keep, and so may be looked for. */
  storable(option: string, value: string): string {
    if (isStorable(value)) return value;
    throw new PayloadError(
      option,
      kindOf(value),
      'a text with \\u0000 or a lone surrogate cannot be stored; remove it',
    );
  }
}

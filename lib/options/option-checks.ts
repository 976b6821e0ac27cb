import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';
import { parseDuration } from './duration.js';
import { closestName } from './closest-name.js';

/** The longest a timer of Node.js can wait, in milliseconds: almost 25 days. */
export const TIMER_LIMIT = 2 ** 31 - 1;

/** Bounds of a number, both inclusive. */
export interface NumberBounds {
  readonly min: number;
  readonly max?: number;
}

/** Checks options of one place at boot; every refusal names the place, the option, what it must be and what it is. */
export class OptionChecks {
  /** @param place who was given the options, as messages name it: `JobsModule`, or `Class.method`. */
  constructor(readonly place: string) {}

  /** Refuses keys that are not known, so that a misspelt option is not a silent default. */
  object(option: string, value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
    if (!isRecord(value)) throw this.invalid(option, `an object with any of ${known.join(', ')}`, value);
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const prefix = option === '' ? '' : `${option}.`;
      const suggestion = closestName(key, known);
      throw new UnknownOptionError(this.place, prefix + key, suggestion && prefix + suggestion, known);
    }
    return value;
  }

  integer(option: string, value: unknown, { min, max }: NumberBounds): number {
    if (Number.isSafeInteger(value) && inside(value as number, min, max)) return value as number;
    throw this.invalid(option, `an integer ${range(min, max)}`, value);
  }

  number(option: string, value: unknown, { min, max }: NumberBounds): number {
    if (typeof value === 'number' && inside(value, min, max)) return value;
    throw this.invalid(option, `a number ${range(min, max)}`, value);
  }

  boolean(option: string, value: unknown): boolean {
    if (typeof value === 'boolean') return value;
    throw this.invalid(option, 'true or false', value);
  }

  /** Milliseconds of a duration. */
  duration(option: string, value: unknown, { min, max }: NumberBounds = { min: 0 }): number {
    if (typeof value !== 'number' && typeof value !== 'string') {
      throw this.invalid(option, "milliseconds or text such as '30s', '5m' or '7d'", value);
    }
    const milliseconds = parseDuration(value, `${this.place}: option ${option}`);
    if (inside(milliseconds, min, max)) return milliseconds;
    throw this.invalid(option, `a duration ${range(min, max)} milliseconds`, value);
  }

  oneOf<const Choice extends string>(option: string, value: unknown, choices: readonly Choice[]): Choice {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw this.invalid(option, choices.map((choice) => `'${choice}'`).join(' or '), value);
  }

  text(option: string, value: unknown, meaning: string): string {
    if (typeof value === 'string' && value !== '') return value;
    throw this.invalid(option, meaning, value);
  }

  callable<Signature extends (...args: never[]) => unknown>(
    option: string,
    value: Signature,
    meaning: string,
  ): Signature {
    if (typeof value === 'function') return value;
    throw this.invalid(option, meaning, value);
  }

  invalid(option: string, expectation: string, value: unknown): InvalidOptionError {
    return new InvalidOptionError(this.place, option === '' ? '(the options)' : option, expectation, value);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inside(value: number, min: number, max = Infinity): boolean {
  return value >= min && value <= max;
}

function range(min: number, max: number | undefined): string {
  return max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
}

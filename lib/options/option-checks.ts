import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';
import { parseDuration } from './duration.js';
import { closestName } from './closest-name.js';
import { canBeRead, fieldNames, isInstance, isoTimeOf, isRecord, listOf } from './readable.js';

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
    const record = this.record(option, value, `an object with any of ${known.join(', ')}`);
    for (const key of Object.keys(record)) {
      if (known.includes(key)) continue;
      const prefix = option === '' ? '' : `${option}.`;
      const suggestion = closestName(key, known);
      throw new UnknownOptionError(this.place, prefix + key, suggestion && prefix + suggestion, known);
    }
    return record;
  }

  /** Refuses what is no object, or has fields that throw when they are read: later that would break off something half done. */
  record(option: string, value: unknown, expectation: string): Readonly<Record<string, unknown>> {
    const names = isRecord(value) ? fieldNames(value) : undefined;
    if (!isRecord(value) || names === undefined) throw this.invalid(option, expectation, value);
    const unreadable = names.find((name) => !canBeRead(value, name));
    if (unreadable === undefined) return value;
    const field = option === '' ? unreadable : `${option}.${unreadable}`;
    throw this.invalid(field, 'a field that can be read without an error', value);
  }

  /** A list of at most so many items. */
  items(option: string, value: unknown, limit: number, expectation: string): readonly unknown[] {
    const list = listOf(value, limit);
    if (list === undefined) throw this.invalid(option, expectation, value);
    return list;
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

  /** A moment as ISO text. */
  moment(option: string, at: unknown): string {
    const time = isoTimeOf(at);
    if (time !== undefined) return time;
    throw this.invalid(option, 'a valid Date between the years 1 and 9999', at);
  }

  /** What ends a long action early, if anything is to. */
  signal(value: unknown): AbortSignal | undefined {
    if (value === undefined || isInstance(AbortSignal, value)) return value;
    throw this.invalid('signal', 'an AbortSignal', value);
  }

  invalid(option: string, expectation: string, value: unknown): InvalidOptionError {
    return new InvalidOptionError(this.place, option === '' ? '(the options)' : option, expectation, value);
  }
}

function inside(value: number, min: number, max = Infinity): boolean {
  return value >= min && value <= max;
}

function range(min: number, max: number | undefined): string {
  return max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
}

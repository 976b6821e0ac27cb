import { parseArgs } from 'node:util';

import { UsageError } from './usage.error.js';

/** A command as somebody typed it: what it is about, and options the command knows. */
export class CommandCall {
  private constructor(
    /** What stands there without a name, such as ids. */
    readonly subjects: readonly string[],
    private readonly values: Readonly<Record<string, string | boolean | undefined>>,
  ) {}

  /**
   * @param options names of those that take a text; `dry-run` takes none.
   * @throws UsageError when there is another one.
   */
  static parse(args: readonly string[], options: readonly string[]): CommandCall {
    const known = Object.fromEntries(
      options.map((name) => [name, { type: name === 'dry-run' ? ('boolean' as const) : ('string' as const) }]),
    );
    try {
      const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true });
      return new CommandCall(positionals, values);
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error));
    }
  }

  /** The one thing it is about. */
  get subject(): string {
    const [only, ...others] = this.subjects;
    if (only === undefined || others.length > 0) throw new UsageError('The command takes exactly one id or name.');
    return only;
  }

  text(option: string): string | undefined {
    const value = this.values[option];
    return typeof value === 'string' ? value : undefined;
  }

  needed(option: string): string {
    const value = this.text(option);
    if (value === undefined) throw new UsageError(`The command needs --${option}.`);
    return value;
  }

  flag(option: string): boolean {
    return this.values[option] === true;
  }

  number(option: string): number | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (text.trim() === '' || Number.isNaN(number))
      throw new UsageError(`--${option} is "${text}", which is no number.`);
    return number;
  }

  /** A time with its zone: one without would be another one on another machine. */
  time(option: string): Date | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const time = new Date(text);
    if (!/(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time.getTime())) {
      throw new UsageError(`--${option} is "${text}"; give a time with its zone, such as 2030-01-01T00:00:00Z.`);
    }
    return time;
  }

  neededTime(option: string): Date {
    const time = this.time(option);
    if (time === undefined) throw new UsageError(`The command needs --${option}.`);
    return time;
  }

  oneOf<Word extends string>(option: string, words: readonly Word[]): Word | undefined {
    const text = this.text(option);
    const word = words.find((each) => each === text);
    if (text !== undefined && word === undefined)
      throw new UsageError(`--${option} is "${text}"; it is one of ${words.join(', ')}.`);
    return word;
  }
}

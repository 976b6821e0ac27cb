import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Working processes. */
  readonly processes: number;
  readonly emitters: number;
  /** Pieces of work each emitting process does in a second. */
  readonly rate: number;
  /** Where the report is written to; nowhere unless given. */
  readonly report: string | undefined;
  readonly keep: boolean;
}

export const USAGE = `npm run test:chaos -- [options]
  --minutes <number>    how long faults strike, 10 unless given
  --seed <number>       what the dice are thrown with; drawn unless given
  --processes <number>  working processes, from 2 to 6, 3 unless given
  --emitters <number>   emitting processes, 2 unless given
  --rate <number>       pieces of work each of those does in a second, 5 unless given
  --report <file>       where to write the figures, as JSON
  --keep                keeps the files of the history, and says where they are`;

/** @throws Error that names the option and says what it may be. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      processes: { type: 'string', default: '3' },
      emitters: { type: 'string', default: '2' },
      rate: { type: 'string', default: '5' },
      report: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  return {
    minutes: number('minutes', values.minutes, 0.1, 24 * 60),
    seed: number('seed', values.seed, 0, 2 ** 31),
    processes: number('processes', values.processes, 2, 6),
    emitters: number('emitters', values.emitters, 1, 6),
    rate: number('rate', values.rate, 0.1, 200),
    report: values.report,
    keep: values.keep,
  };
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`--${name} is "${text}", but must be a number from ${least} to ${most}.`);
}

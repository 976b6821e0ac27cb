import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { markdownTable } from '../chaos/report/markdown-table.js';
import { withPart } from '../chaos/report/page-part.js';

const root = resolve(__dirname, __dirname.includes('.build') ? '../../..' : '../..');

export const PAGE = join(root, 'RELIABILITY.md');

/** What is mutated, and the specs that are to notice. */
export interface Part {
  readonly mutate: readonly string[];
  readonly specs: readonly string[];
  readonly database?: boolean;
}

/** What became of the mutants of a part. */
export interface Score {
  /** Percent of the mutants that were found. */
  readonly score: number;
  readonly killed: number;
  /** Found because tests ran on and on. */
  readonly timedOut: number;
  readonly survived: number;
  /** No test ran over them. */
  readonly uncovered: number;
  readonly minutes: number;
  readonly date: string;
}

export const readParts = (): Readonly<Record<string, Part>> => read<Part>('parts.json');

/** The last run of each part, as `npm run test:mutation` wrote it. */
export const readScores = (): Readonly<Record<string, Score>> => read<Score>('scores.json');

/** Puts the scores where the page has them. */
export function pageWith(page: string, scores: Readonly<Record<string, Score>>): string {
  const rows = Object.entries(scores).map(([part, { score, killed, timedOut, survived, uncovered, date }]) => [
    part,
    String(killed + timedOut + survived + uncovered),
    String(killed),
    String(timedOut),
    String(survived),
    String(uncovered),
    `${score.toFixed(1)} %`,
    date,
  ]);
  const head = ['part', 'mutants', 'killed', 'without end', 'survived', 'not reached', 'score', 'date'];
  return withPart(page, 'mutation', markdownTable(head, rows));
}

/** Brings the page up to date with the last runs. */
export function updatePage(): void {
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), readScores()));
}

function read<Value>(file: string): Readonly<Record<string, Value>> {
  return JSON.parse(readFileSync(join(root, 'test/mutation', file), 'utf8')) as Readonly<Record<string, Value>>;
}

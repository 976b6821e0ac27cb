import { differences } from '../matching/differences.js';
import { show } from '../matching/show.js';

const SHOWN = 5;

/** One thing that happened, as a failed assertion lists it. */
export interface Listed {
  readonly title: string;
  readonly value: unknown;
}

/** What happened, each with how it differs from what was expected. */
export function listing(things: readonly Listed[], expected: unknown): string {
  const lines = things
    .slice(0, SHOWN)
    .flatMap(({ title, value }) => [
      `  ${title} ${show(value)}`,
      ...(expected === undefined ? [] : differences(expected, value).map((difference) => `    ${difference}`)),
    ]);
  const more = things.length > SHOWN ? [`  … and ${things.length - SHOWN} more`] : [];
  return [...lines, ...more].join('\n');
}

/** Names of other things that happened, each with its number: what was expected may be among them under another name. */
export function others(names: readonly string[]): string {
  if (names.length === 0) return 'Nothing else happened.';
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return `Beside it: ${[...counts].map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`)).join(', ')}.`;
}

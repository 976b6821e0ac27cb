import { show } from '../matching/show.js';
import { listing, type Listed, others } from './listing.js';

/** What a matcher answers, as Jest and Vitest take it. */
export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/** What is judged. */
export interface Judged {
  /** Such as `payment.completed to have been emitted`. */
  readonly claim: string;
  /** What it must have. */
  readonly expected: unknown;
  /** How often; at least once when `undefined`. */
  readonly times: number | undefined;
  /** What happened under that name, with and without what is expected. */
  readonly candidates: readonly Listed[];
  /** Those of them that have it. */
  readonly matching: readonly Listed[];
  /** Names of everything else that happened. */
  readonly others: readonly string[];
}

/** Decides whether something happened as often as it should, and says how it differs. */
export function judge({ claim, expected, times, candidates, matching, others: names }: Judged): MatcherResult {
  const pass = times === undefined ? matching.length > 0 : matching.length === times;
  const often = times === undefined ? '' : ` ${countOf(times)}`;
  const wanted = expected === undefined ? '' : ` with ${show(expected)}`;
  return {
    pass,
    message: () => {
      if (pass)
        return `Expected ${claim}${wanted} not${often === '' ? ' at all' : often}, but it was:\n${listing(matching, undefined)}`;
      const head = `Expected ${claim}${wanted}${often}, but it was ${matching.length === 0 ? 'not' : countOf(matching.length)}`;
      if (candidates.length === 0) return `${head}. ${others(names)}`;
      return matching.length === 0
        ? `${head}; of that name there ${candidates.length === 1 ? 'is' : 'are'}:\n${listing(candidates, expected)}`
        : `${head}:\n${listing(matching, undefined)}`;
    },
  };
}

function countOf(times: number): string {
  return times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`;
}

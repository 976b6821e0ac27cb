import type { History } from '../../history/history.js';
import { disturbancesOf } from './disturbances.js';
import { livesOf } from './life.js';
import { type Span, without } from './span.js';

/** Times in which a worker that understands everything ran and nothing was done to it. */
export interface Calm extends Span {
  readonly process: string;
}

export function calmTimes(history: History): readonly Calm[] {
  const end = history.entries.at(-1)?.at ?? 0;
  return livesOf(history)
    .filter(({ role, deployment }) => role === 'worker' && deployment === 'full')
    .flatMap((life) => {
      const span = { from: life.readyAt, to: Math.min(life.endedAt, end) };
      return without(span, disturbancesOf(history, life)).map((calm) => ({ ...calm, process: life.process }));
    });
}

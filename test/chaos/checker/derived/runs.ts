import { entriesOf, type History } from '../../history/history.js';
import { livesOf } from './life.js';

/** One run of a receiver as its process wrote it down. */
export interface RecordedRunTime {
  readonly process: string;
  readonly receiver: string;
  readonly emission: string;
  readonly delivery: string;
  readonly beganAt: number;
  /** When it ended, or its process did. */
  readonly endedAt: number;
}

export function runsOf(history: History): readonly RecordedRunTime[] {
  const endedAt = new Map(entriesOf(history, 'run.ended').map(({ run, at }) => [run, at]));
  const lives = new Map(livesOf(history).map((life) => [life.process, life]));
  return entriesOf(history, 'run.began').map(({ process, run, receiver, emission, delivery, at }) => ({
    process,
    receiver,
    emission,
    delivery,
    beganAt: at,
    endedAt: endedAt.get(run) ?? lives.get(process)?.endedAt ?? Infinity,
  }));
}

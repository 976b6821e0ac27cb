import { type Act, ActingProcess } from './acting-process.js';
import { Halt, type HaltPlace } from './halt.js';
import { until } from './until.js';

/** How an act is ended before it is done. */
export type CutOff = 'SIGKILL' | 'pg_terminate_backend';

/** Where and how to end an act. */
export interface CutOffOptions {
  readonly at: HaltPlace;
  readonly by: CutOff;
  /** Begins the act, when it needs something around it to come as far as that. */
  readonly during?: (begin: () => void) => Promise<void>;
  /** Done while it stands there. */
  readonly meanwhile?: () => Promise<void>;
}

/**
 * Has another process carry out an act, and ends that in the middle of a write: the process by a signal, or its connection alone.
 * Resolves when nothing of it is left, in the server either.
 */
export async function cutOff(
  url: string,
  act: Act,
  { at, by, during = async (begin) => begin(), meanwhile = async () => undefined }: CutOffOptions,
): Promise<void> {
  const process = await ActingProcess.start(url);
  const halt = await Halt.at(url, at);
  try {
    await during(() => process.begin(act));
    await until(async () => {
      process.assertBusy();
      return halt.isReached();
    }, 'the halt');
    await meanwhile();
    if (by === 'pg_terminate_backend') {
      await halt.terminate();
      await process.reported('failed');
    }
  } finally {
    await process.kill();
    await halt.release();
    await halt.end();
  }
}

import { setTimeout } from 'node:timers/promises';

/** How time passes; tests have their own. */
export interface Stopwatch {
  /** Milliseconds since some moment. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

/** The time of this process. */
export const processTime: Stopwatch = {
  now: () => performance.now(),
  wait: (milliseconds, signal) =>
    setTimeout(milliseconds, undefined, { signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    }),
};

const LARGEST_BATCH = 500;

/** Keeps a large action to a rate, batch by batch. */
export class Pace {
  private done = 0;
  private readonly begun: number;

  /** @param rate how many a second; `Infinity` for no limit. */
  constructor(
    private readonly rate: number,
    private readonly signal: AbortSignal | undefined,
    private readonly time: Stopwatch = processTime,
  ) {
    this.begun = time.now();
  }

  get isStopped(): boolean {
    return this.signal?.aborted === true;
  }

  /** How many to do next, of those that are left: what a second allows, and no more than a transaction should hold. */
  batch(left: number): number {
    return Math.min(left, LARGEST_BATCH, Math.max(1, Math.floor(this.rate)));
  }

  /** Takes note of what was done, and waits until the next batch may begin. */
  async did(count: number): Promise<void> {
    this.done += count;
    const rest = this.begun + (this.done / this.rate) * 1_000 - this.time.now();
    if (rest > 0 && !this.isStopped) await this.time.wait(rest, this.signal);
  }
}

import type { WorkerSettings } from './worker-settings.js';

const JITTER = 0.25;
const RETRY_PAUSE = 250;

/** Decides when to look for work although nothing woke the worker: when the next delayed delivery is due, and as a safety net. */
export class ClaimTimer {
  private timer: NodeJS.Timeout | undefined;
  /** When deliveries are due that were put off meanwhile, which a claim on its way may not have seen. */
  private promisedAt = Infinity;
  private fireAt = Infinity;
  private stopped = false;

  constructor(
    private readonly look: () => void,
    private readonly settings: WorkerSettings,
  ) {}

  /**
   * Plans the next look after a claim.
   *
   * @param nextDueIn milliseconds until the next delayed delivery is due; `null` when there is none.
   */
  schedule(nextDueIn: number | null, notified: boolean): void {
    const interval = notified ? this.settings.pollInterval : this.settings.pollIntervalUnnotified;
    const poll = interval * (1 - JITTER + 2 * JITTER * Math.random());
    this.set(Math.min(poll, nextDueIn ?? Infinity, this.promisedAt - performance.now()));
  }

  /** Looks no later than in the given time. */
  dueIn(milliseconds: number): void {
    const at = performance.now() + milliseconds;
    if (at >= this.promisedAt) return;
    this.promisedAt = at;
    if (at < this.fireAt) this.set(milliseconds);
  }

  /** Looks again after a failed claim. */
  retrySoon(): void {
    this.set(RETRY_PAUSE * (1 + Math.random()));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private set(milliseconds: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    // A timer may fire a fraction of a millisecond early; the row would not be due yet.
    const delay = Math.max(0, Math.ceil(milliseconds) + 1);
    this.fireAt = performance.now() + delay;
    this.timer = setTimeout(() => {
      this.fireAt = Infinity;
      if (this.promisedAt <= performance.now()) this.promisedAt = Infinity;
      this.look();
    }, delay).unref();
  }
}

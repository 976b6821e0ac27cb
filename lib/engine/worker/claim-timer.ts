import { TIMER_LIMIT } from '../../options/option-checks.js';
import type { WorkerSettings } from './worker-settings.js';

const JITTER = 0.25;
const RETRY_PAUSE = 250;
/** While nothing at all was emitted for so many intervals, each is so many times as long. */
const CALM = 4;

/** What decides how soon to look again. */
export interface LookPace {
  /** Whether notifications of other processes arrive. */
  readonly notified: boolean;
  /** Whether the worker holds nothing. */
  readonly idle: boolean;
}

/** Decides when to look for work although nothing woke the worker: when the next delayed delivery is due, and as a safety net. */
export class ClaimTimer {
  private timer: NodeJS.Timeout | undefined;
  /** When deliveries are due that were put off meanwhile, which a claim on its way may not have seen. */
  private promisedAt = Infinity;
  private fireAt = Infinity;
  private stirredAt = performance.now();
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
  schedule(nextDueIn: number | null, pace: LookPace): void {
    this.set(Math.min(jittered(this.interval(pace)), nextDueIn ?? Infinity, this.promisedAt - performance.now()));
  }

  /** Looks no later than in the given time. */
  dueIn(milliseconds: number): void {
    const at = performance.now() + milliseconds;
    if (at >= this.promisedAt) return;
    this.promisedAt = at;
    if (at < this.fireAt) this.set(milliseconds);
  }

  /** Something was emitted lately; what others were told of it may have been lost. */
  stir(): void {
    this.stirredAt = performance.now();
    const poll = jittered(this.settings.pollInterval);
    if (this.fireAt !== Infinity && this.stirredAt + poll < this.fireAt) this.set(poll);
  }

  /** Looks again after a failed claim. */
  retrySoon(): void {
    this.set(RETRY_PAUSE * (1 + Math.random()));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private interval({ notified, idle }: LookPace): number {
    const { pollInterval, pollIntervalUnnotified } = this.settings;
    if (!notified) return pollIntervalUnnotified;
    const isCalm = idle && performance.now() - this.stirredAt > CALM * pollInterval;
    return isCalm ? CALM * pollInterval : pollInterval;
  }

  private set(milliseconds: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    // A timer may fire a fraction of a millisecond early; the row would not be due yet.
    const delay = Math.min(Math.max(0, Math.ceil(milliseconds) + 1), TIMER_LIMIT);
    this.fireAt = performance.now() + delay;
    this.timer = setTimeout(() => {
      this.fireAt = Infinity;
      if (this.promisedAt <= performance.now()) this.promisedAt = Infinity;
      this.look();
    }, delay).unref();
  }
}

function jittered(interval: number): number {
  return interval * (1 - JITTER + 2 * JITTER * Math.random());
}

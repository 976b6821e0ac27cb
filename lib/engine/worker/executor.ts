import { DeliveryTimeoutError } from '../../errors/delivery-timeout.error.js';
import type { Outcome } from '../deliveries/outcome.js';
import type { OutcomePolicy } from './outcome-policy.js';
import type { Run } from './run.js';
import type { RunAnnouncer } from './run-announcer.js';

const ACKNOWLEDGED: Outcome = { kind: 'acknowledged' };
/** The receiver's transaction committed, and the acknowledgement with it. */
export const COMMITTED: Outcome = { kind: 'committed' };

/** What a run led to, and what it threw, for log and hook. */
export interface ExecutedRun {
  readonly outcome: Outcome;
  readonly error: unknown;
}

/** Carries out a run: the one pipeline every delivery goes through. */
export class Executor {
  /**
   * @param settleLimit milliseconds a receiver that was told to stop has until it is given up.
   * @param announcer told of each run whose receiver is about to be called.
   */
  constructor(
    private readonly policy: OutcomePolicy,
    private readonly settleLimit: number,
    private readonly announcer: RunAnnouncer,
  ) {}

  /**
   * Runs the receiver to its end, or until it is given up; never rejects.
   *
   * @param call calls the receiver.
   */
  async execute(run: Run, call: () => Promise<void> = () => run.execute()): Promise<ExecutedRun> {
    try {
      // What it waits for here is no work of its own, so the timeout does not count it.
      await run.admitted();
    } catch (error) {
      return this.failed(run, error);
    }
    this.announcer.started(run);
    const { timeout } = run.receiver;
    if (timeout === null) return this.complete(run, call);
    const watch = new TimeoutWatch(run, timeout, this.settleLimit);
    try {
      return await Promise.race([this.complete(run, call), watch.givenUp.then((error) => this.failed(run, error))]);
    } finally {
      watch.stop();
    }
  }

  private async complete(run: Run, call: () => Promise<void>): Promise<ExecutedRun> {
    try {
      await call();
    } catch (error) {
      return this.failed(run, error);
    } finally {
      run.finish();
    }
    return { outcome: run.isCommitted ? COMMITTED : ACKNOWLEDGED, error: undefined };
  }

  private failed(run: Run, error: unknown): ExecutedRun {
    // Once the receiver's transaction has committed the delivery is done, whatever is thrown after it.
    if (run.isCommitted) return { outcome: COMMITTED, error };
    return { outcome: this.policy.afterError(run.delivery, run.receiver, error, run.aborted), error };
  }
}

/** Tells a run to stop when its time is over, and gives it up when it does not. */
class TimeoutWatch {
  readonly givenUp: Promise<Error>;
  private timer: NodeJS.Timeout;
  private resolveGivenUp: (error: Error) => void = () => undefined;

  constructor(
    private readonly run: Run,
    timeout: number,
    private readonly settleLimit: number,
  ) {
    this.givenUp = new Promise((resolve) => {
      this.resolveGivenUp = resolve;
    });
    this.timer = setTimeout(() => this.expire(new DeliveryTimeoutError(run.receiver.id, timeout)), timeout).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private expire(error: DeliveryTimeoutError): void {
    this.run.abort(error);
    // Until it settles the run keeps its slot, so that its retry does not run beside it.
    this.timer = setTimeout(() => void this.giveUp(error), this.settleLimit).unref();
  }

  private async giveUp(error: DeliveryTimeoutError): Promise<void> {
    try {
      await this.run.abandon();
    } finally {
      this.resolveGivenUp(error);
    }
  }
}

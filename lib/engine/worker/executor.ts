import { DeliveryTimeoutError } from '../../errors/delivery-timeout.error.js';
import type { Outcome } from '../deliveries/outcome.js';
import { type Deadline, Deadlines } from './deadlines.js';
import type { OutcomePolicy } from './outcome-policy.js';
import type { Run } from './run.js';
import type { RunAnnouncer } from './run-announcer.js';

/** What a run led to, and what it threw, for log and hook. */
export interface ExecutedRun {
  readonly outcome: Outcome;
  readonly error: unknown;
}

const ACKNOWLEDGED: ExecutedRun = { outcome: { kind: 'acknowledged' }, error: undefined };
/** The receiver's transaction committed, and the acknowledgement with it. */
export const COMMITTED: ExecutedRun = { outcome: { kind: 'committed' }, error: undefined };

/** Carries out a run: the one pipeline every delivery goes through. */
export class Executor {
  private readonly deadlines = new Deadlines();

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
  execute(run: Run, call: () => Promise<unknown> = () => run.execute()): Promise<ExecutedRun> {
    return new Promise((resolve) => void this.carryOut(run, call, resolve));
  }

  /** @param end told of the end; only the first counts. */
  private async carryOut(run: Run, call: () => Promise<unknown>, end: (executed: ExecutedRun) => void): Promise<void> {
    let watch: Deadline | undefined;
    try {
      // What it waits for here is no work of its own, so the timeout does not count it. That it waits at all, even for nothing, gives each
      // run an asynchronous context of its own.
      await run.admission();
      this.announcer.started(run);
      watch = this.watch(run, end);
      try {
        await call();
      } finally {
        const { unawaited } = run;
        if (unawaited !== undefined) await unawaited;
      }
      run.finish();
      end(run.isCommitted ? COMMITTED : ACKNOWLEDGED);
    } catch (error) {
      run.finish();
      end(this.failed(run, error));
    }
    if (watch !== undefined) this.deadlines.forget(watch);
  }

  private watch(run: Run, end: (executed: ExecutedRun) => void): Deadline | undefined {
    const { timeout } = run.receiver;
    if (timeout === null) return undefined;
    const watch = new TimeoutWatch(run, timeout, this.settleLimit, (error) => {
      this.deadlines.forget(watch);
      void run.abandon().finally(() => end(this.failed(run, error)));
    });
    this.deadlines.watch(watch);
    return watch;
  }

  private failed(run: Run, error: unknown): ExecutedRun {
    // Once the receiver's transaction has committed the delivery is done, whatever is thrown after it.
    if (run.isCommitted) return { outcome: COMMITTED.outcome, error };
    return { outcome: this.policy.afterError(run.delivery, run.receiver, error, run.aborted), error };
  }
}

/** Tells a run to stop when its time is over, and gives it up when it does not. */
class TimeoutWatch implements Deadline {
  at: number;
  place = -1;
  private told: DeliveryTimeoutError | undefined;

  constructor(
    private readonly run: Run,
    private readonly timeout: number,
    private readonly settleLimit: number,
    private readonly giveUp: (error: DeliveryTimeoutError) => void,
  ) {
    this.at = run.startedAt + timeout;
  }

  passed(): void {
    if (this.told !== undefined) {
      this.giveUp(this.told);
      return;
    }
    this.told = new DeliveryTimeoutError(this.run.receiver.id, this.timeout);
    // Until it settles the run keeps its slot, so that its retry does not run beside it.
    this.at = performance.now() + this.settleLimit;
    this.run.abort(this.told);
  }
}

import { ClaimLostError } from '../../errors/claim-lost.error.js';
import { WorkerShutdownError } from '../../errors/worker-shutdown.error.js';
import type { ActivityRecorder } from '../activity/activity-recorder.js';
import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { Outcome } from '../deliveries/outcome.js';
import type { Receiver } from '../receivers/receiver.js';
import type { ExecutedRun, Executor } from './executor.js';
import { type GroupMembers, GroupRun, type UndoneRun } from './group-run.js';
import type { OutcomePolicy } from './outcome-policy.js';
import type { WaitingDelivery } from './receiver-lane.js';
import { Roster } from './roster.js';
import { ReceiverTransaction, type RunEnvironment } from './receiver-transaction.js';
import { Run } from './run.js';
import type { RunAnnouncer } from './run-announcer.js';
import type { RunReporter } from './run-reporter.js';
import { within } from './within.js';

/** What runs are carried out with. */
export interface RunnerParts {
  readonly executor: Executor;
  readonly policy: OutcomePolicy;
  readonly environment: RunEnvironment;
  readonly reporter: RunReporter;
  readonly announcer: RunAnnouncer;
  /** Milliseconds a receiver that was told to stop has until it is given up. */
  readonly settleLimit: number;
  /** Milliseconds after which a group of deliveries that share a transaction begins no further one. */
  readonly groupLimit: number;
}

const NONE: readonly WaitingDelivery[] = [];

/** Runs deliveries, alone or in groups, sees each to its end, and ends all of them when the process does. */
export class Runner {
  private readonly runs = new Roster<Run>();
  private readonly groups = new Set<GroupRun>();
  private wakeIdle: (() => void) | undefined;

  /** @param settle takes what became of a delivery, to be written. */
  constructor(
    private readonly parts: RunnerParts,
    private readonly activity: ActivityRecorder,
    private readonly settle: (delivery: ClaimedDelivery, outcome: Outcome) => void,
  ) {}

  /** Number of deliveries that run at this moment. */
  get running(): number {
    return this.runs.size;
  }

  isRunning(id: string): boolean {
    return [...this.runs].some((run) => run.deliveryId === id);
  }

  /**
   * Runs deliveries that share a slot, to the end of each.
   *
   * @returns those that did not begin.
   */
  run(receiver: Receiver, together: readonly WaitingDelivery[]): Promise<readonly WaitingDelivery[]> {
    const [first] = together;
    if (first === undefined) return Promise.resolve(NONE);
    return together.length === 1
      ? this.runAlone(receiver, first).then(() => this.ended(NONE))
      : this.runGroup(receiver, together).then((rest) => this.ended(rest));
  }

  /** Every claim was lost: tells receivers to stop, and forgets what has not begun. */
  abortAsLost(): void {
    for (const group of this.groups) group.takeRest();
    for (const run of this.runs) run.abort(new ClaimLostError(run.deliveryId));
  }

  /** Gives up what has not begun of receivers. */
  async takeUnstarted(isOf: (delivery: ClaimedDelivery) => boolean): Promise<readonly ClaimedDelivery[]> {
    const inGroups = [...this.groups].flatMap((group) => group.takeRest(isOf).map(({ delivery }) => delivery));
    const unstarted = [...this.runs].filter((run) => !run.isStarted && isOf(run.delivery));
    for (const run of unstarted) {
      this.runs.delete(run);
      await run.abandon();
    }
    return [...inGroups, ...unstarted.map((run) => run.delivery)];
  }

  /** Resolves when nothing runs, or after the given milliseconds. */
  async idle(limit: number): Promise<void> {
    if (this.runs.size === 0) return;
    await within(new Promise<void>((resolve) => (this.wakeIdle = resolve)), limit);
  }

  /**
   * Tells receivers to stop, and gives up those that do not.
   *
   * @param forced when to give them up at once.
   */
  async stop(forced: Promise<void>): Promise<void> {
    if (this.runs.size === 0) return;
    for (const run of this.runs) run.abort(new WorkerShutdownError());
    await Promise.race([this.idle(this.parts.settleLimit), forced]);
    const left = [...this.runs];
    this.runs.clear();
    // Together: a server that is silent is so on every connection, and each would take the whole limit.
    await Promise.all(left.map((run) => within(run.abandon(), this.parts.settleLimit)));
    for (const run of left) this.interrupted(run);
  }

  private runAlone(receiver: Receiver, { delivery, event }: WaitingDelivery): Promise<void> {
    const run = this.begin(new Run(delivery, receiver, event, this.parts.environment));
    return this.parts.executor.execute(run).then((executed) => this.end(run, executed));
  }

  private async runGroup(
    receiver: Receiver,
    together: readonly WaitingDelivery[],
  ): Promise<readonly WaitingDelivery[]> {
    const { environment, executor, reporter, groupLimit } = this.parts;
    const transaction = new ReceiverTransaction(receiver.id, environment);
    const members: GroupMembers = {
      begin: ({ delivery, event }) => this.begin(new Run(delivery, receiver, event, environment, transaction)),
      ended: (run, executed) => this.end(run, executed),
      undone: (count, error) => reporter.groupUndone(receiver.id, count, error),
    };
    const group = new GroupRun(together, transaction, executor, members, groupLimit);
    this.groups.add(group);
    for (const undone of await group.execute()) await this.runAgain(undone);
    this.groups.delete(group);
    const rest = group.takeRest();
    const [first] = rest;
    if (first === undefined || rest.length < together.length) return rest;
    // Not even a transaction could be begun. That is what a delivery fails with, or this would go round and round.
    await this.runAlone(receiver, first);
    return rest.slice(1);
  }

  private async runAgain({ run, waiting }: UndoneRun): Promise<void> {
    if (!this.runs.has(run)) return;
    const { aborted } = run;
    if (aborted !== undefined) {
      const outcome = this.parts.policy.afterError(run.delivery, run.receiver, aborted, aborted);
      this.end(run, { outcome, error: aborted });
      return;
    }
    // Another run takes its place.
    this.runs.delete(run);
    await this.runAlone(run.receiver, waiting);
  }

  private ended(rest: readonly WaitingDelivery[]): readonly WaitingDelivery[] {
    if (this.runs.size === 0) this.wakeIdle?.();
    return rest;
  }

  private begin(run: Run): Run {
    this.runs.add(run);
    this.activity.began();
    return run;
  }

  private end(run: Run, executed: ExecutedRun): void {
    // A run that was cut off by the shutdown was settled there.
    if (!this.runs.delete(run)) return;
    this.parts.reporter.finished(run, executed);
    this.parts.announcer.finished(run, executed);
    this.activity.ended(run.delivery.receiver, executed.outcome, run.elapsed);
    this.settle(run.delivery, executed.outcome);
  }

  private interrupted(run: Run): void {
    const error = new WorkerShutdownError();
    this.parts.announcer.finished(run, { error });
    const outcome = this.parts.policy.interrupted(run.delivery, error);
    this.activity.ended(run.delivery.receiver, outcome, run.elapsed);
    this.settle(run.delivery, outcome);
  }
}

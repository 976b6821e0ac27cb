import { Logger } from '@nestjs/common';

import { WorkerLabelError } from '../../errors/worker-label.error.js';
import type { ActiveWorker, ActivityRecorder } from '../activity/activity-recorder.js';
import type { ClaimedDelivery, ClaimKey } from '../deliveries/claimed-delivery.js';
import type { DeliveryStore } from '../deliveries/delivery-store.port.js';
import type { Outcome, SettledDelivery } from '../deliveries/outcome.js';
import type { WorkerSession, WorkerSessionListener } from '../liveness/worker-session.js';
import type { ReceiverControl } from '../receivers/receiver-control.js';
import type { Receiver } from '../receivers/receiver.js';
import type { ReceiverNumbers } from '../receivers/receiver-rows.js';
import { ClaimLoop } from './claim-loop.js';
import type { EventReader } from './event-reader.js';
import { Intake } from './intake.js';
import { LaneControls } from './lane-controls.js';
import { ReceiverLane, type WaitingDelivery } from './receiver-lane.js';
import { Runner, type RunnerParts } from './runner.js';
import { Settlement } from './settlement.js';
import { Suspects } from './suspects.js';
import { within } from './within.js';
import type { WorkerDirectory } from './worker-directory.port.js';
import type { WorkerSettings } from './worker-settings.js';

const GATE_PAUSE = 50;

/** What a worker is made of. */
export interface WorkerParts {
  readonly session: WorkerSession;
  readonly events: EventReader;
  readonly store: DeliveryStore;
  readonly runs: RunnerParts;
  readonly directory: WorkerDirectory;
  readonly settings: WorkerSettings;
  readonly createActivity: (worker: ActiveWorker) => ActivityRecorder;
  /** Tells other processes that deliveries were handed back in their places. */
  readonly announceHandBack: () => void;
}

/** Claims deliveries for the receivers of this process, runs them within their limits and hands their outcomes on. */
export class Worker implements WorkerSessionListener, ActiveWorker {
  private readonly logger = new Logger('Worker');
  private readonly settlement: Settlement;
  private readonly claims: ClaimLoop;
  private readonly intake: Intake;
  private readonly activity: ActivityRecorder;
  private readonly runner: Runner;
  private readonly controls = new LaneControls();
  private lanes: readonly ReceiverLane[] = [];
  private lanesByNumber = new Map<number, ReceiverLane>();
  private stopping = false;
  private gateTimer: NodeJS.Timeout | undefined;
  private announcing: NodeJS.Immediate | undefined;
  private announced: number | undefined;
  private announcement: Promise<void> = Promise.resolve();
  /** Why this process must not work. */
  private refusal: Error | undefined;
  private forceNow: () => void = () => undefined;
  private readonly forced = new Promise<void>((resolve) => (this.forceNow = resolve));

  constructor(private readonly parts: WorkerParts) {
    const { settings } = parts;
    this.settlement = new Settlement(
      parts.runs.environment.database,
      parts.store,
      (settled, held) => this.onSettled(settled, held),
      settings.answerLimit,
    );
    this.claims = new ClaimLoop(
      parts.session,
      () => this.lanes,
      settings,
      (deliveries) => void this.accept(deliveries),
      () => this.handBackStale(),
      () => settings.term.idle(),
    );
    this.activity = parts.createActivity(this);
    const settle = (delivery: ClaimedDelivery, outcome: Outcome): void => this.settlement.add({ delivery, outcome });
    this.intake = new Intake(parts.events, new Suspects(settings.maxInterruptions), settle);
    this.runner = new Runner(parts.runs, this.activity, settle);
  }

  /** Whether notifications of other processes arrive. */
  get hearsNotifications(): boolean {
    return this.parts.session.hearsNotifications;
  }

  get id(): number | undefined {
    return this.parts.session.workerId;
  }

  /** Number of deliveries that run at this moment. */
  get running(): number {
    return this.runner.running;
  }

  /** Begins to work for the given receivers. Rejects when the database cannot be reached. */
  async start(receivers: ReceiverNumbers, controls: readonly ReceiverControl[]): Promise<void> {
    this.controls.take(controls);
    this.arrange(receivers);
    await this.parts.session.start(this);
    await this.announcement;
    if (this.refusal === undefined) return;
    await this.stop();
    throw this.refusal;
  }

  /** Works for these receivers from now on: claims for those that came, and hands back what had not begun of those that went. */
  follow(receivers: ReceiverNumbers): void {
    this.handBack(this.arrange(receivers));
    this.announced = undefined;
    this.announce();
    this.claims.lookEverywhere();
  }

  /**
   * Stops claiming, lets receivers finish within the grace time, tells the others to stop, and hands back what is left.
   */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const closed = this.intake.close();
    this.claims.stop();
    clearTimeout(this.gateTimer);
    const handedBack = Promise.all([closed, this.handBackUnstarted(this.lanes)]);
    await Promise.race([this.runner.idle(this.parts.settings.shutdownGrace), this.forced]);
    await this.runner.stop(this.forced);
    await within(
      handedBack.then(() => this.settlement.drained()),
      this.parts.settings.settleLimit,
    );
    this.settlement.close();
    await within(this.activity.close(), this.parts.settings.settleLimit);
    await this.parts.session.stop();
  }

  /** Has {@link stop}, now or later, wait for no run: each is told to stop, cut off and handed back at once. */
  force(): void {
    this.forceNow();
  }

  onWake(): void {
    this.claims.lookEverywhere();
  }

  onStirred(): void {
    this.claims.expectWork();
  }

  onControls(controls: readonly ReceiverControl[]): void {
    this.controls.take(controls);
    void this.handBackUnstarted(this.controls.apply(this.lanes));
    this.startWaiting();
    this.claims.lookEverywhere();
  }

  onProven(): void {
    this.parts.events.forget();
    this.announce();
    this.claims.resume();
    this.startWaiting();
  }

  onUnproven(): void {
    this.claims.pause();
  }

  onFenced(): void {
    this.claims.pause();
    for (const lane of this.lanes) lane.empty();
    this.intake.forget((id) => this.runner.isRunning(id));
    this.runner.abortAsLost();
  }

  onRecovered(deliveries: readonly ClaimedDelivery[]): void {
    for (const lane of this.lanes)
      lane.expect(deliveries.filter((delivery) => delivery.receiver === lane.number).length);
    void this.accept(deliveries);
  }

  heldDeliveries(): readonly ClaimKey[] {
    return this.intake.holdings;
  }

  onNotice(level: 'log' | 'warn' | 'error', message: string): void {
    this.logger[level](message);
  }

  /** Gives each receiver its lane, and answers with those that no receiver has any more. */
  private arrange(receivers: ReceiverNumbers): readonly ReceiverLane[] {
    const [before, byNumber] = [this.lanes, this.lanesByNumber];
    this.lanes = [...receivers].map(([number, receiver]) => {
      const lane = byNumber.get(number);
      return lane?.receiver === receiver ? lane : this.createLane(number, receiver);
    });
    this.lanesByNumber = new Map(this.lanes.map((lane) => [lane.number, lane]));
    this.controls.apply(this.lanes);
    return before.filter((lane) => !this.lanes.includes(lane));
  }

  private createLane(number: number, receiver: Receiver): ReceiverLane {
    const { settings } = this.parts;
    const concurrency = receiver.concurrency ?? defaultConcurrency(receiver, settings);
    return new ReceiverLane(number, receiver, concurrency, settings.batch, settings.staleAfter);
  }

  private announce(): void {
    const { workerId } = this.parts.session;
    if (workerId === undefined || workerId === this.announced) return;
    this.announced = workerId;
    this.parts.settings.term.begins(
      workerId,
      this.lanes.map(({ receiver }) => receiver.id),
    );
    this.announcement = this.announcement
      .then(() => this.parts.directory.announce(workerId, this.lanes))
      .catch((error: unknown) => {
        this.announced = undefined;
        if (error instanceof WorkerLabelError) this.refusal = error;
        this.logger.warn(`The worker could not say which receivers it has; it works all the same: ${String(error)}`);
      });
  }

  private async accept(deliveries: readonly ClaimedDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    for (const { receiver, waiting, expected } of await this.intake.take(deliveries)) {
      const lane = this.lanesByNumber.get(receiver);
      if (lane === undefined) this.handOver(waiting);
      else lane.arrive(waiting, expected);
      if (lane?.isPaused === true) this.handBack([lane]);
    }
    this.startWaiting();
  }

  private startWaiting(): void {
    for (const lane of this.lanes) this.startLane(lane);
  }

  private startLane(lane: ReceiverLane): void {
    const { term } = this.parts.settings;
    while (lane.waitingCount > 0 && !this.stopping) {
      if (!term.mayStart()) {
        this.handBack(this.lanes);
        return;
      }
      if (!this.parts.session.isProven()) {
        this.waitForGate();
        return;
      }
      const taken = lane.takeTogether();
      if (taken.length === 0) return;
      // The term may allow fewer than are taken together, but the first.
      let begun = 0;
      do term.started();
      while ((begun += 1) < taken.length && term.mayStart());
      this.run(lane, taken.slice(0, begun), taken.slice(begun));
    }
  }

  private waitForGate(): void {
    this.gateTimer ??= setTimeout(() => {
      this.gateTimer = undefined;
      this.startWaiting();
    }, GATE_PAUSE).unref();
  }

  private run(lane: ReceiverLane, together: readonly WaitingDelivery[], surplus: readonly WaitingDelivery[]): void {
    void this.runner.run(lane.receiver, together).then((rest) => {
      const isOpen = this.lanesByNumber.get(lane.number) === lane && !lane.isPaused && !this.stopping;
      const again = isOpen ? rest : [];
      lane.finish(together.length + surplus.length, again);
      this.handOver(surplus);
      if (!isOpen) this.handOver(rest);
      const { term } = this.parts.settings;
      term.putOff(again.length);
      for (let ended = again.length; ended < together.length; ended += 1) term.ended();
      this.startLane(lane);
      if (lane.mayHaveMore && lane.demand > 0) this.claims.lookAgain();
    });
  }

  private onSettled(settled: SettledDelivery, held: boolean): void {
    const { delivery, outcome } = settled;
    this.intake.release(delivery);
    this.parts.runs.announcer.settled(settled, held, this.lanesByNumber.get(delivery.receiver)?.receiver.id ?? '');
    if (held && outcome.kind === 'interrupted') this.announceHandBack();
    if (!held) this.parts.runs.reporter.lost(delivery);
    else if (outcome.kind === 'postponed' && !this.stopping) this.claims.lookIn(outcome.delay);
  }

  /** What has not begun needs no grace time: others may have it at once. */
  private async handBackUnstarted(lanes: readonly ReceiverLane[]): Promise<void> {
    const waiting = lanes.flatMap((lane) => lane.empty().map(({ delivery }) => delivery));
    const numbers = new Set(lanes.map((lane) => lane.number));
    this.release([...waiting, ...(await this.runner.takeUnstarted(({ receiver }) => numbers.has(receiver)))]);
  }

  /** What was claimed ahead for a receiver that has become slow is left to others. */
  private handBackStale(): void {
    const now = performance.now();
    this.handOver(this.lanes.flatMap((lane) => lane.takeStale(now)));
  }

  private handBack(lanes: readonly ReceiverLane[]): void {
    this.handOver(lanes.flatMap((lane) => lane.empty()));
  }

  private handOver(waiting: readonly WaitingDelivery[]): void {
    this.release(waiting.map(({ delivery }) => delivery));
  }

  private release(deliveries: readonly ClaimedDelivery[]): void {
    for (const delivery of deliveries)
      this.settlement.add({ delivery, outcome: { kind: 'interrupted', failure: null } });
  }

  /** Tells others of what lies in its place again, once for all that was written together. */
  private announceHandBack(): void {
    this.announcing ??= setImmediate(() => {
      this.announcing = undefined;
      this.parts.announceHandBack();
    });
  }
}

function defaultConcurrency({ transactional, groupCommit }: Receiver, settings: WorkerSettings): number {
  if (!transactional) return settings.concurrency;
  // Two transactions that hold many rows each, in any order, would be in each other's way.
  if (groupCommit !== undefined) return 1;
  // One receiver that hangs must not take every transaction of the process.
  return Math.max(1, settings.transactionalConcurrency - 1);
}

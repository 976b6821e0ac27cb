import { AsyncLocalStorage } from 'node:async_hooks';
import type { EngineDatabase } from '../../engine/database/engine-database.js';
import type { ClaimedDelivery } from '../../engine/deliveries/claimed-delivery.js';
import type { DeliveryStore } from '../../engine/deliveries/delivery-store.port.js';
import type { Outcome, SettledDelivery } from '../../engine/deliveries/outcome.js';
import { Turns } from '../../engine/liveness/connection/turns.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import type { ReceiverControl } from '../../engine/receivers/receiver-control.js';
import type { Receiver } from '../../engine/receivers/receiver.js';
import type { ReceiverNumbers } from '../../engine/receivers/receiver-rows.js';
import type { Executor } from '../../engine/worker/executor.js';
import { Intake } from '../../engine/worker/intake.js';
import type { EventReader } from '../../engine/worker/event-reader.js';
import { LaneControls } from '../../engine/worker/lane-controls.js';
import { ReceiverLane, type WaitingDelivery } from '../../engine/worker/receiver-lane.js';
import type { RunEnvironment } from '../../engine/worker/receiver-transaction.js';
import { Run } from '../../engine/worker/run.js';
import type { RunAnnouncer } from '../../engine/worker/run-announcer.js';
import type { RunReporter } from '../../engine/worker/run-reporter.js';
import { Settlement } from '../../engine/worker/settlement.js';
import { Suspects } from '../../engine/worker/suspects.js';
import { defaultWorkerLimits } from '../../engine/worker/worker-limits.js';
import { JobsError } from '../../errors/jobs.error.js';
import { OptionChecks } from '../../options/option-checks.js';
import type { DeliveredRun } from './delivered-run.js';
import type { DrainOptions } from './drain-options.interface.js';
import { toDeliveredRun } from './to-delivered-run.js';

const DEFAULT_LIMIT = 1_000;
/** Most deliveries of one receiver that one round takes. */
const ROUND = 1_000;
const HANDED_BACK: Outcome = { kind: 'interrupted', failure: null };

const checks = new OptionChecks('drain');

/** What a driver is made of: the parts of a worker, without what decides when it works. */
export interface DriverParts {
  readonly database: EngineDatabase;
  readonly session: WorkerSession;
  readonly events: EventReader;
  readonly executor: Executor;
  readonly store: DeliveryStore;
  readonly environment: RunEnvironment;
  readonly reporter: RunReporter;
  readonly announcer: RunAnnouncer;
  readonly maxInterruptions: number;
  readonly receivers: () => Promise<ReceiverNumbers>;
  readonly controls: () => Promise<readonly ReceiverControl[]>;
  /** Moves the clock on by so many milliseconds. */
  readonly advance: (milliseconds: number) => void;
  readonly readPayload: (event: WaitingDelivery['event']) => unknown;
}

interface Ready extends WaitingDelivery {
  readonly receiver: Receiver;
}

interface Round {
  /** In the order in which they run. */
  readonly ready: readonly Ready[];
  readonly nextDueIn: number | null;
}

/** Runs deliveries when it is told to: one after the other, in the order in which they became ready. */
export class DeliveryDriver {
  private readonly turns = new Turns();
  private readonly nested = new AsyncLocalStorage<true>();
  private readonly settlement: Settlement;
  private readonly intake: Intake;
  private readonly lost = new Set<ClaimedDelivery>();

  /** @param onRun told of each run when its outcome is written. */
  constructor(
    private readonly parts: DriverParts,
    private readonly onRun: (run: DeliveredRun) => void,
  ) {
    const { database, store, events, maxInterruptions } = parts;
    this.settlement = new Settlement(
      database,
      store,
      (settled, held) => this.onSettled(settled, held),
      defaultWorkerLimits.answerLimit,
    );
    this.intake = new Intake(events, new Suspects(maxInterruptions), (delivery, outcome) =>
      this.settlement.add({ delivery, outcome }),
    );
  }

  /**
   * Runs what is ready, and what that leads to.
   *
   * @param isNew whether an event was emitted since the drain began.
   * @throws JobsError when it goes beyond its limit, or is called by a receiver.
   */
  drain(options: DrainOptions, isNew: (eventId: string) => boolean): Promise<readonly DeliveredRun[]> {
    const { until, withDelayed = false, recursion = true, limit = DEFAULT_LIMIT } = checkDrainOptions(options);
    const mayRun = ({ event }: Ready): boolean => recursion || !isNew(event.id);
    return this.inTurn(async () => {
      const runs: DeliveredRun[] = [];
      for (;;) {
        const { ready, nextDueIn } = await this.claim(ROUND);
        const [now, later] = [ready.filter(mayRun), ready.filter((one) => !mayRun(one))];
        await this.handBack(later);
        if (now.length === 0) {
          if (!withDelayed || nextDueIn === null) return runs;
          this.parts.advance(Math.max(0, Math.ceil(nextDueIn)) + 1);
          continue;
        }
        const left = [...now];
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          if (runs.length >= limit) {
            await this.handBack([next, ...left]);
            throw new JobsError(beyondLimit(limit, runs));
          }
          const run = await this.run(next);
          runs.push(run);
          if (until !== undefined && (await until(run))) {
            await this.handBack(left);
            return runs;
          }
        }
      }
    });
  }

  /** Runs the delivery that is first in order; `undefined` when nothing is ready. */
  runNext(): Promise<DeliveredRun | undefined> {
    return this.inTurn(async () => {
      const [first, ...others] = (await this.claim(1)).ready;
      await this.handBack(others);
      return first === undefined ? undefined : this.run(first);
    });
  }

  /** Gives up what claims were made with. */
  async stop(): Promise<void> {
    await this.parts.session.stop();
  }

  /** Receivers call it in vain: what they wait for would wait for them. */
  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.nested.getStore() === true) {
      return Promise.reject(
        new JobsError('A receiver called drain(), runNext() or settled(), which waits for the receiver itself.'),
      );
    }
    return this.turns.take(work);
  }

  private async claim(limit: number): Promise<Round> {
    const lanes = await this.lanes();
    const demands = lanes.map((lane) => ({ receiver: lane.number, limit, version: lane.version }));
    const { deliveries, nextDueIn } = await this.parts.session.claim(demands);
    const arrivals = await this.intake.take(deliveries);
    // What was turned away is settled before anything else happens.
    await this.settlement.drained();
    const receiverOf = new Map(lanes.map(({ number, receiver }) => [number, receiver]));
    const ready = arrivals.flatMap(({ receiver: number, waiting }) => {
      const receiver = receiverOf.get(number);
      return receiver === undefined ? [] : waiting.map((one) => ({ ...one, receiver }));
    });
    return { ready: ready.sort(inOrder), nextDueIn };
  }

  /** The receivers that may run. */
  private async lanes(): Promise<readonly ReceiverLane[]> {
    const receivers = await this.parts.receivers();
    const lanes = [...receivers].map(([number, receiver]) => new ReceiverLane(number, receiver, 1, ROUND, Infinity));
    const controls = new LaneControls();
    controls.take(await this.parts.controls());
    controls.apply(lanes);
    return lanes.filter((lane) => !lane.isPaused);
  }

  private async run({ delivery, event, receiver }: Ready): Promise<DeliveredRun> {
    const { environment, executor, reporter, announcer, readPayload } = this.parts;
    const run = new Run(delivery, receiver, event, environment);
    const executed = await this.nested.run(true, () => executor.execute(run));
    reporter.finished(run, executed);
    announcer.finished(run, executed);
    await this.settle({ delivery, outcome: executed.outcome });
    const outcome: Outcome = this.lost.delete(delivery) ? { kind: 'lost' } : executed.outcome;
    const delivered = toDeliveredRun(run, { ...executed, outcome }, readPayload(event));
    this.onRun(delivered);
    return delivered;
  }

  private async handBack(waiting: readonly WaitingDelivery[]): Promise<void> {
    for (const { delivery } of waiting) this.settlement.add({ delivery, outcome: HANDED_BACK });
    await this.settlement.drained();
  }

  private async settle(settled: SettledDelivery): Promise<void> {
    this.settlement.add(settled);
    await this.settlement.drained();
  }

  private onSettled(settled: SettledDelivery, held: boolean): void {
    this.intake.release(settled.delivery);
    this.parts.announcer.settled(settled, held, '');
    if (held || settled.outcome.kind === 'lost') return;
    this.lost.add(settled.delivery);
    this.parts.reporter.lost(settled.delivery);
  }
}

function checkDrainOptions(options: DrainOptions): DrainOptions {
  checks.object('', options, ['until', 'withDelayed', 'recursion', 'limit']);
  if (options.until !== undefined) checks.callable('until', options.until, 'a function (run) => boolean');
  if (options.withDelayed !== undefined) checks.boolean('withDelayed', options.withDelayed);
  if (options.recursion !== undefined) checks.boolean('recursion', options.recursion);
  if (options.limit !== undefined) checks.integer('limit', options.limit, { min: 1 });
  return options;
}

/** As a worker takes them; those of one event in the order of their receivers. */
function inOrder(a: Ready, b: Ready): number {
  return (
    a.delivery.priority - b.delivery.priority ||
    compare(BigInt(a.delivery.readyXid), BigInt(b.delivery.readyXid)) ||
    compare(BigInt(a.delivery.eventId), BigInt(b.delivery.eventId)) ||
    a.delivery.receiver - b.delivery.receiver
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function beyondLimit(limit: number, runs: readonly DeliveredRun[]): string {
  const last = runs.slice(-3).map(({ receiver, event }) => `${receiver} on ${event}`);
  return (
    `drain() ran ${limit} deliveries and is not done; the last were ${last.join(', ')}. ` +
    'Receivers may emit what leads back to them. Raise "limit" if it is meant so.'
  );
}

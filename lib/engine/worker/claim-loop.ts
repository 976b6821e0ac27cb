import { Logger } from '@nestjs/common';
import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { WorkerSession } from '../liveness/worker-session.js';
import { ClaimTimer } from './claim-timer.js';
import type { ReceiverLane } from './receiver-lane.js';
import type { WorkerSettings } from './worker-settings.js';

/** Decides when to claim, for which receivers and how many: one claim at a time, again at once while there is more. */
export class ClaimLoop {
  private readonly logger = new Logger('Worker');
  private readonly timer: ClaimTimer;
  private claiming = false;
  /** Whether to claim although there is nothing to claim for: where nobody is heard, claims alone tell that a pause has ended. */
  private listens = false;
  private open = false;
  private stopped = false;

  /**
   * @param onClaimed takes what was claimed; the lanes count it as expected.
   * @param onIdle told when a look for work of all receivers found none while none is held.
   */
  constructor(
    private readonly session: WorkerSession,
    private readonly lanes: () => readonly ReceiverLane[],
    private readonly settings: WorkerSettings,
    private readonly onClaimed: (deliveries: readonly ClaimedDelivery[]) => void,
    private readonly beforeLook: () => void,
    private readonly onIdle: () => void,
  ) {
    this.timer = new ClaimTimer(() => this.lookEverywhere(), settings);
  }

  /** Claims from now on: the session is proven. */
  resume(): void {
    this.open = true;
    this.lookEverywhere();
  }

  /** Claims no more until it is proven again. */
  pause(): void {
    this.open = false;
  }

  stop(): void {
    this.stopped = true;
    this.timer.stop();
  }

  /** Looks for work of every receiver, now or as soon as the present claim is answered. */
  lookEverywhere(): void {
    this.beforeLook();
    this.listens = !this.session.hearsNotifications && this.lanes().some((lane) => lane.isPaused);
    for (const lane of this.lanes()) lane.mayHaveMore = true;
    if (this.mayClaim && this.lanes().every((lane) => lane.isPaused && lane.held === 0)) this.onIdle();
    void this.claim();
  }

  /** Looks again for the receivers whose last look may have left something behind. */
  lookAgain(): void {
    void this.claim();
  }

  /** Looks no later than in the given milliseconds: something becomes due then. */
  lookIn(milliseconds: number): void {
    this.timer.dueIn(milliseconds);
  }

  /** Looks no less often than an idle worker does while others emit. */
  expectWork(): void {
    this.timer.stir();
  }

  private get mayClaim(): boolean {
    return this.open && !this.stopped && this.settings.term.mayStart();
  }

  private async claim(): Promise<void> {
    if (this.claiming || !this.mayClaim) return;
    const now = performance.now();
    for (const lane of this.lanes()) lane.measure(now);
    const asked = this.lanes().filter((lane) => lane.mayHaveMore && lane.demand > 0);
    const listens = this.listens;
    this.listens = false;
    if (asked.length === 0 && !listens) return;
    this.claiming = true;
    try {
      await this.claimFor(asked);
    } catch (error) {
      this.reportFailure(error);
      this.timer.retrySoon();
    } finally {
      this.claiming = false;
    }
    void this.claim();
  }

  private async claimFor(lanes: readonly ReceiverLane[]): Promise<void> {
    const demands = lanes.map((lane) => ({ receiver: lane.number, limit: lane.demand, version: lane.version }));
    // Whatever becomes claimable from here on wakes the worker again.
    for (const lane of lanes) lane.mayHaveMore = false;
    const answer = await this.session.claim(demands);
    const counts = new Map<number, number>();
    for (const { receiver } of answer.deliveries) counts.set(receiver, (counts.get(receiver) ?? 0) + 1);
    lanes.forEach((lane, index) => {
      const count = counts.get(lane.number) ?? 0;
      lane.expect(count);
      if (count >= (demands[index]?.limit ?? 0)) lane.mayHaveMore = true;
    });
    this.timer.schedule(answer.nextDueIn, {
      notified: this.session.hearsNotifications,
      idle: this.lanes().every((lane) => lane.held === 0),
    });
    this.onClaimed(answer.deliveries);
    if (answer.deliveries.length === 0 && this.isIdle(lanes)) this.onIdle();
  }

  /** Whether nothing is held, and what was asked for is all there is to ask for. */
  private isIdle(asked: readonly ReceiverLane[]): boolean {
    return this.lanes().every((lane) => lane.held === 0 && (lane.isPaused || asked.includes(lane)));
  }

  private reportFailure(error: unknown): void {
    // While the session is being proven again a claim cannot but fail.
    if (this.mayClaim) this.logger.warn(`A claim failed and is tried again: ${String(error)}`);
  }
}

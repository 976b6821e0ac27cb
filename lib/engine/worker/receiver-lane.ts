import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { StoredEvent } from '../deliveries/stored-event.js';
import type { ReceiverControl } from '../receivers/receiver-control.js';
import type { Receiver } from '../receivers/receiver.js';

/** Milliseconds of work a lane may hold in advance, at the speed its receiver has shown. */
const PREFETCH_HORIZON = 100;

/** Highest value of the version column, for receivers that take any version. */
const ANY_VERSION = 32_767;

/** A delivery that waits for a slot. */
export interface WaitingDelivery {
  readonly delivery: ClaimedDelivery;
  readonly event: StoredEvent;
}

/**
 * The deliveries of one receiver in this process: what waits, how many run, and how many more to claim.
 *
 * A slow receiver claims no more than it can start, so that other processes get the rest. A fast one claims ahead by what it
 * finishes in a few milliseconds, so that the round trips do not set its pace.
 */
export class ReceiverLane {
  private waiting: WaitingDelivery[] = [];
  private next = 0;
  private slotsTaken = 0;
  private running = 0;
  private expected = 0;
  private finished = 0;
  private measuredSince = 0;
  private perMillisecond = 0;
  private movedAt = 0;
  private paused = false;
  private decidedConcurrency: number | null = null;
  /** Whether the last look may have left claimable deliveries behind. */
  mayHaveMore = true;

  /**
   * @param number under which the receiver's deliveries are stored.
   * @param declaredConcurrency runs at once, unless an operator decided otherwise.
   * @param batch most deliveries to hold.
   * @param staleAfter milliseconds that what was claimed ahead may wait behind runs of which none ends.
   */
  constructor(
    readonly number: number,
    readonly receiver: Receiver,
    private readonly declaredConcurrency: number,
    private readonly batch: number,
    private readonly staleAfter: number,
  ) {}

  /** Highest event version the receiver understands. */
  get version(): number {
    return Math.max(...this.receiver.subscriptions.map(({ version }) => version ?? ANY_VERSION));
  }

  get concurrency(): number {
    return this.decidedConcurrency ?? this.declaredConcurrency;
  }

  /** Whether nothing of it may start. */
  get isPaused(): boolean {
    return this.paused;
  }

  /** Does as an operator decided from now on; what runs goes on. */
  obey({ paused, concurrency }: Pick<ReceiverControl, 'paused' | 'concurrency'>): void {
    this.paused = paused;
    this.decidedConcurrency = concurrency;
  }

  /** How many deliveries to ask for; 0 while asking for them would not pay for the round trip. */
  get demand(): number {
    if (this.paused) return 0;
    const capacity = Math.max(
      this.concurrency,
      Math.min(this.batch, Math.round(this.perMillisecond * PREFETCH_HORIZON)),
    );
    const room = capacity - this.held;
    // A slot that nothing waits for is filled at once: the others may be taken for as long as receivers hang.
    const isStarving = this.expected + this.waitingCount === 0 && this.slotsTaken < this.concurrency;
    return room >= (isStarving ? 1 : Math.max(1, Math.floor(capacity / 2))) ? room : 0;
  }

  /** Deliveries asked for, waiting or running. */
  get held(): number {
    return this.expected + this.waitingCount + this.running;
  }

  get waitingCount(): number {
    return this.waiting.length - this.next;
  }

  get runningCount(): number {
    return this.running;
  }

  /** Counts deliveries whose events are being read. */
  expect(count: number): void {
    this.expected += count;
  }

  arrive(deliveries: readonly WaitingDelivery[], expected: number): void {
    // A lane that took the place of another gets what that one asked for.
    this.expected = Math.max(0, this.expected - expected);
    this.movedAt = performance.now();
    const waiting = [...this.waiting.slice(this.next), ...deliveries];
    // A claim answers in no order, and what it brings may be more urgent than what waits already.
    this.waiting = waiting.sort((a, b) => a.delivery.priority - b.delivery.priority);
    this.next = 0;
  }

  /** Takes the next delivery to run, when a slot is free. */
  take(): WaitingDelivery | undefined {
    return this.takeUpTo(1)[0];
  }

  /** Takes what is to be run in one slot, when one is free: a delivery, or as many as the receiver commits together. */
  takeTogether(): readonly WaitingDelivery[] {
    const freeSlots = this.concurrency - this.slotsTaken;
    // What waits is shared out among the free slots, or one would work and the others idle.
    return this.takeUpTo(
      Math.min(this.receiver.groupCommit ?? 1, Math.ceil(this.waitingCount / Math.max(1, freeSlots))),
    );
  }

  private takeUpTo(count: number): readonly WaitingDelivery[] {
    if (this.paused || this.slotsTaken >= this.concurrency) return [];
    const taken = this.waiting.slice(this.next, this.next + count);
    if (taken.length === 0) return [];
    this.next += taken.length;
    this.running += taken.length;
    this.slotsTaken += 1;
    return taken;
  }

  /** Takes everything that waits, to hand it back. */
  empty(): readonly WaitingDelivery[] {
    const left = this.waiting.slice(this.next);
    this.waiting = [];
    this.next = 0;
    return left;
  }

  /** Takes what waits behind runs of which none ended for a while; the receiver is no longer as fast as it was. */
  takeStale(now: number): readonly WaitingDelivery[] {
    if (this.waitingCount === 0 || this.slotsTaken < this.concurrency || now - this.movedAt < this.staleAfter)
      return [];
    this.perMillisecond = 0;
    return this.empty();
  }

  /**
   * Frees the slot that deliveries were taken in.
   *
   * @param taken how many were taken in it.
   * @param rest those of them that did not begin, and wait again.
   */
  finish(taken = 1, rest: readonly WaitingDelivery[] = []): void {
    this.slotsTaken -= 1;
    this.running -= taken;
    this.finished += taken - rest.length;
    if (rest.length > 0) this.arrive(rest, 0);
    this.movedAt = performance.now();
  }

  /** Updates the measured speed; called at each claim. */
  measure(now: number): void {
    const elapsed = now - this.measuredSince;
    if (elapsed < 1) return;
    const current = this.finished / elapsed;
    // What it did long ago says nothing about what it would do with deliveries taken now.
    const weight = Math.min(1, Math.max(0.5, elapsed / PREFETCH_HORIZON));
    this.perMillisecond =
      this.held === 0 && this.finished === 0 ? 0 : (1 - weight) * this.perMillisecond + weight * current;
    this.finished = 0;
    this.measuredSince = now;
  }
}

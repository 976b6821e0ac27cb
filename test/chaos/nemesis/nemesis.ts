import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../dice.js';
import type { Journal } from '../history/journal.js';
import { monotonic } from '../history/monotonic.js';
import type { Battlefield } from './battlefield.js';
import type { Fault, FaultKind } from './fault.js';

/** Most faults at the same time, beside those that strike at once and are over. */
const AT_ONCE = 3;
/** Milliseconds from one strike to the next. */
const PAUSE = [100, 2_500] as const;

/** Lets faults strike one after the other and beside each other, chosen by its dice, and writes down when. */
export class Nemesis {
  private strikes = 0;
  private readonly active = new Map<Fault, Promise<void>>();
  private readonly restingUntil = new Map<FaultKind, number>();
  private readonly healing = new AbortController();

  constructor(
    private readonly field: Battlefield,
    private readonly dice: Dice,
    private readonly journal: Journal,
  ) {}

  /** Strikes until the given monotonic time, then heals everything. */
  async rage(kinds: readonly FaultKind[], until: number): Promise<void> {
    while (monotonic() < until) {
      await sleep(Math.min(this.dice.between(...PAUSE), until - monotonic()));
      if (this.active.size >= AT_ONCE) continue;
      const kind = this.dice.weighed(kinds.filter((one) => (this.restingUntil.get(one) ?? 0) <= monotonic()));
      // One that would outlast the run would only be cut short.
      const lasts = this.dice.between(...kind.lasts);
      if (kind.lasts[0] > until - monotonic()) continue;
      this.restingUntil.set(kind, monotonic() + (kind.rest ?? 0));
      const fault = new kind.create(this.field, this.dice);
      this.active.set(fault, this.unleash(fault, lasts));
      void this.active.get(fault)?.then(() => this.active.delete(fault));
    }
    this.healing.abort();
    await Promise.all(this.active.values());
  }

  /** Lets one fault strike, and heals it after the given time. */
  async unleash(fault: Fault, milliseconds: number): Promise<void> {
    const heal = await this.strike(fault);
    await sleep(milliseconds, undefined, { signal: this.healing.signal }).catch(() => undefined);
    await heal();
  }

  /**
   * Lets one fault strike.
   *
   * @returns what heals it.
   */
  async strike(fault: Fault): Promise<() => Promise<void>> {
    const strike = ++this.strikes;
    const { name } = fault;
    const failed = (error: unknown): void =>
      this.journal.write({ kind: 'fault.failed', fault: name, strike, error: String(error) });
    const began = monotonic();
    const target = await fault.strike().catch((error: unknown) => {
      failed(error);
      // What it did before it failed nobody knows.
      return '';
    });
    if (target === undefined) return () => Promise.resolve();
    this.journal.writeAt(began, { kind: 'fault.struck', fault: name, strike, target });
    return async () => {
      await fault.heal().catch(failed);
      this.journal.write({ kind: 'fault.healed', fault: name, strike, target });
    };
  }
}

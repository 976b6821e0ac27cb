/** Gives a slot back; calls beyond the first do nothing. */
export type ReleaseSlot = () => void;

/**
 * Limits how many receivers hold a transaction at once, so that connections stay free for the repository calls, acknowledgements and
 * requests beside them: a pool whose every connection waits for another one never moves again.
 */
export class TransactionSlots {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly size: number) {}

  /** Resolves when a slot is free, in the order of asking. */
  async acquire(): Promise<ReleaseSlot> {
    if (this.taken < this.size) this.taken += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.release();
    };
  }

  private release(): void {
    const next = this.waiting.shift();
    // The slot is handed over as it is; only without a successor does it become free.
    if (next === undefined) this.taken -= 1;
    else next();
  }
}

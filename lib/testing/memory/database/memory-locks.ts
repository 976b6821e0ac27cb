import { JobsError } from '../../../errors/jobs.error.js';

/** Whoever can hold a lock: a transaction, by being itself. */
export interface LockHolder {
  readonly label: string;
}

/** Locks by name, each held until its holder's transaction, or the savepoint it was taken in, ends; who waits comes in order. */
export class MemoryLocks {
  private readonly holders = new Map<string, LockHolder>();
  private readonly queues = new Map<string, (() => void)[]>();
  private readonly waitsFor = new Map<LockHolder, string>();

  holderOf(name: string): LockHolder | undefined {
    return this.holders.get(name);
  }

  /** Whether it is the holder's now; nothing is waited for. */
  tryTake(name: string, holder: LockHolder): boolean {
    const current = this.holders.get(name);
    if (current === undefined) this.holders.set(name, holder);
    return current === undefined || current === holder;
  }

  /**
   * @throws JobsError when everybody would wait for everybody else.
   */
  async take(name: string, holder: LockHolder): Promise<void> {
    while (!this.tryTake(name, holder)) {
      this.refuseDeadlock(name, holder);
      this.waitsFor.set(holder, name);
      await new Promise<void>((resolve) => {
        const queue = this.queues.get(name) ?? [];
        this.queues.set(name, [...queue, resolve]);
      });
      this.waitsFor.delete(holder);
    }
  }

  release(name: string): void {
    this.holders.delete(name);
    const waiting = this.queues.get(name) ?? [];
    this.queues.delete(name);
    for (const wake of waiting) wake();
  }

  private refuseDeadlock(name: string, holder: LockHolder): void {
    for (let wanted: string | undefined = name; wanted !== undefined;) {
      const blocker: LockHolder | undefined = this.holders.get(wanted);
      if (blocker === holder)
        throw new JobsError(`deadlock detected: ${holder.label} waits for ${name}, and so for itself.`);
      wanted = blocker === undefined ? undefined : this.waitsFor.get(blocker);
    }
  }
}

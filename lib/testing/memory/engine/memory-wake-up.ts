import { WakeUp } from '../../../engine/wake-up/wake-up.port.js';

/** Wakes workers of this process, and of what stands in for others, at once. */
export class MemoryWakeUp extends WakeUp {
  private readonly listeners = new Set<() => void>();
  private stopped = false;

  /** @param others told as notifications would tell them. */
  constructor(private readonly others: { wake(): void; controlsChanged(): void }) {
    super();
  }

  listen(listener: () => void): void {
    this.listeners.add(listener);
  }

  wake(): void {
    for (const listener of this.listeners) listener();
    if (!this.stopped) this.others.wake();
  }

  handedBack(): void {
    if (!this.stopped) this.others.wake();
  }

  controlsChanged(): void {
    if (!this.stopped) this.others.controlsChanged();
  }

  stop(): void {
    this.stopped = true;
  }
}

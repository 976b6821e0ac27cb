import { monotonicNow } from '../monotonic.js';

/** A wait that can be cut short, also by a ring that came before it began. */
export class Alarm {
  private wake: (() => void) | undefined;
  private rung = false;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Waits until the given monotonic time or until the next ring. */
  async until(time: number): Promise<void> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(Math.max(0, Math.ceil(time - monotonicNow())), 2 ** 31 - 1));
        timer.unref();
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.wake = undefined;
    this.rung = false;
  }
}

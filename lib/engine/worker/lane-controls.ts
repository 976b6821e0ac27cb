import type { ReceiverControl } from '../receivers/receiver-control.js';
import type { ReceiverLane } from './receiver-lane.js';

type Decision = Pick<ReceiverControl, 'paused' | 'concurrency'>;

/** Has lanes do as operators decided. */
export class LaneControls {
  private decisions: ReadonlyMap<number, Decision> = new Map();

  /** Takes in what is decided now; what was decided before and is not among it is no longer. */
  take(controls: readonly ReceiverControl[]): void {
    this.decisions = new Map(controls.map((control) => [control.receiver, control]));
  }

  /**
   * @returns the lanes that are paused and were not before.
   */
  apply(lanes: readonly ReceiverLane[]): readonly ReceiverLane[] {
    return lanes.filter((lane) => {
      const wasPaused = lane.isPaused;
      lane.obey(this.decisionOn(lane, lanes));
      return lane.isPaused && !wasPaused;
    });
  }

  /** A receiver that was renamed may have several numbers; whichever of them was paused, it is the receiver that was meant. */
  private decisionOn({ receiver }: ReceiverLane, lanes: readonly ReceiverLane[]): Decision {
    const numbers = lanes.filter((lane) => lane.receiver === receiver).map((lane) => lane.number);
    const decisions = numbers.flatMap((number) => this.decisions.get(number) ?? []);
    return {
      paused: decisions.some(({ paused }) => paused),
      concurrency: decisions.find(({ concurrency }) => concurrency !== null)?.concurrency ?? null,
    };
  }
}

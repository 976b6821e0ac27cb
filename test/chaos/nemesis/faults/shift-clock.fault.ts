import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

const HOUR = 3_600_000;

/** The clock of a process says something else by hours, until it heals. */
export class ShiftClock extends VictimFault {
  readonly name = 'shift the clock';

  protected override strikeAt(member: Member): void {
    const hours = this.dice.pick([-30, -3, -1, 1, 2, 12, 40]);
    member.order({ kind: 'shift', milliseconds: hours * HOUR });
  }

  protected override healOf(member: Member): void {
    member.order({ kind: 'shift', milliseconds: 0 });
  }
}

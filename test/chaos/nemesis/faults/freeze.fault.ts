import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** SIGSTOP, and SIGCONT when it heals. */
export class Freeze extends VictimFault {
  readonly name: string = 'freeze';

  protected override strikeAt(member: Member): void {
    member.signal('SIGSTOP');
  }

  protected override healOf(member: Member, isSame: boolean): void {
    if (isSame) member.signal('SIGCONT');
  }
}

import type { Member } from '../../processes/member.js';
import { Freeze } from './freeze.fault.js';

/** The same, for so long that others may take its work. */
export class FreezePastLease extends Freeze {
  override readonly name = 'freeze past the lease';
  protected override readonly role = 'worker';

  protected override strikeAt(member: Member): void {
    member.isReserved = true;
    super.strikeAt(member);
  }

  protected override healOf(member: Member, isSame: boolean): void {
    member.isReserved = false;
    super.healOf(member, isSame);
  }
}

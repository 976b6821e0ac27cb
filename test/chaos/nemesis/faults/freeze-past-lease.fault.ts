import { Freeze } from './freeze.fault.js';

/** The same, for so long that others may take its work. */
export class FreezePastLease extends Freeze {
  override readonly name = 'freeze past the lease';
  protected override readonly role = 'worker';
}

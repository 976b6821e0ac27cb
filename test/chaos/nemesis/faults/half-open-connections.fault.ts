import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** Every connection of a process stays open and forwards nothing, until it heals and they are cut. */
export class HalfOpenConnections extends VictimFault {
  readonly name = 'half-open connections';

  protected override strikeAt({ proxy }: Member): void {
    proxy.stall();
  }

  protected override healOf({ proxy }: Member): void {
    proxy.resume();
    proxy.endSilent();
  }
}

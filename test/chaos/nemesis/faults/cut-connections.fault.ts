import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** Every connection of a process is cut, and it gets no other until it heals. */
export class CutConnections extends VictimFault {
  readonly name = 'cut connections';

  protected override strikeAt({ proxy }: Member): void {
    proxy.cut();
  }

  protected override healOf({ proxy }: Member): void {
    proxy.reopen();
  }
}

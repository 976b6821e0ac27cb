import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** The event loop does nothing for a while; the process lives and keeps its work. */
export class BlockLoop extends VictimFault {
  readonly name = 'block the event loop';

  protected override strikeAt(member: Member): void {
    member.order({ kind: 'block', milliseconds: this.dice.between(500, 6_000) });
  }
}

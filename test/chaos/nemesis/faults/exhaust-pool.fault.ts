import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** Every connection of the pool is taken for a while. */
export class ExhaustPool extends VictimFault {
  readonly name = 'exhaust the pool';

  protected override strikeAt(member: Member): void {
    member.order({ kind: 'exhaust', milliseconds: this.dice.between(500, 4_000) });
  }
}

import type { Member } from '../../processes/member.js';
import { VictimFault } from './victim.fault.js';

/** Answers of the server arrive late. */
export class SlowAnswers extends VictimFault {
  readonly name = 'slow answers';

  protected override strikeAt({ proxy }: Member): void {
    proxy.delayAnswers(this.dice.between(50, 2_000));
  }

  protected override healOf({ proxy }: Member): void {
    proxy.delayAnswers(0);
  }
}

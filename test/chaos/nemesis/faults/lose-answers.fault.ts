import type { Dice } from '../../dice.js';
import type { Member } from '../../processes/member.js';
import type { Battlefield } from '../battlefield.js';
import { VictimFault } from './victim.fault.js';

/** Statements whose answers are worth losing: the server has done what they say, and nobody hears of it. */
const STATEMENTS = ['COMMIT', 'jobs_claim_', 'jobs_acknowledge_', 'jobs_postpone_', 'jobs_emit_one_'];

/** The answer to the next statement of a kind gets lost after the server has carried it out, and later the connection. */
export class LoseAnswers extends VictimFault {
  readonly name = 'lost answers';

  /** @param statement part of the statement whose answer to lose; one that the dice choose unless given. */
  constructor(
    field: Battlefield,
    dice: Dice,
    chosen?: Member,
    private readonly statement?: string,
  ) {
    super(field, dice, chosen);
  }

  protected override strikeAt({ proxy }: Member): void {
    void proxy.dropAnswerTo(this.statement ?? this.dice.pick(STATEMENTS));
  }

  protected override healOf({ proxy }: Member): void {
    proxy.endSilent();
  }
}

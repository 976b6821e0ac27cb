import type { Dice } from '../../dice.js';
import type { Member } from '../../processes/member.js';
import type { Battlefield } from '../battlefield.js';
import type { Fault } from '../fault.js';

/** A fault of one process. */
export abstract class VictimFault implements Fault {
  abstract readonly name: string;
  protected readonly role: Member['role'] | undefined = undefined;
  private hit: { readonly member: Member; readonly process: string } | undefined;

  /** @param chosen the process to hit; one that the dice choose unless given. */
  constructor(
    protected readonly field: Battlefield,
    protected readonly dice: Dice,
    private readonly chosen?: Member,
  ) {}

  async strike(): Promise<string | undefined> {
    const member = this.chosen ?? this.field.victim(this.dice, this.role);
    if (member === undefined) return undefined;
    this.hit = { member, process: member.process };
    await this.strikeAt(member);
    return this.hit.process;
  }

  async heal(): Promise<void> {
    if (this.hit === undefined) return;
    const { member, process } = this.hit;
    await this.healOf(member, member.process === process);
  }

  protected abstract strikeAt(member: Member): Promise<void> | void;

  /** @param isSame whether the process that was hit still runs. */
  protected healOf(_member: Member, _isSame: boolean): Promise<void> | void {
    return undefined;
  }
}

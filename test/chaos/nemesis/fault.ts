import type { Dice } from '../dice.js';
import type { Battlefield } from './battlefield.js';

/** Something that goes wrong, and ends again. */
export interface Fault {
  readonly name: string;
  /**
   * Strikes.
   *
   * @returns the boots it hit, empty when it hits all of them; `undefined` when there was nothing to hit.
   */
  strike(): Promise<string | undefined>;
  /** Ends it. */
  heal(): Promise<void>;
}

/** A kind of fault that the nemesis chooses from. */
export interface FaultKind {
  /** How often it is chosen beside others. */
  readonly weight: number;
  /** Milliseconds from strike to heal, at least and at most. */
  readonly lasts: readonly [number, number];
  /** Milliseconds from one to the next of its kind, at least. */
  readonly rest?: number;
  readonly create: new (field: Battlefield, dice: Dice) => Fault;
}

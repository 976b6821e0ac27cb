import type { Dice } from '../../dice.js';
import type { Battlefield } from '../battlefield.js';
import type { Fault } from '../fault.js';

/** The server is stopped at once, as at a crash, or fast, and started again. */
export class RestartServer implements Fault {
  readonly name = 'restart the server';

  constructor(
    private readonly field: Battlefield,
    private readonly dice: Dice,
  ) {}

  async strike(): Promise<string> {
    await this.field.server.restart(this.dice.chance(0.7) ? 'immediate' : 'fast');
    return '';
  }

  async heal(): Promise<void> {
    return Promise.resolve();
  }
}

import type { Client } from 'pg';
import type { Battlefield } from '../battlefield.js';
import type { Fault } from '../fault.js';

/** A transaction that stays open, so that nothing dead is vacuumed. */
abstract class OpenTransaction implements Fault {
  abstract readonly name: string;
  private client: Client | undefined;

  constructor(private readonly field: Battlefield) {}

  async strike(): Promise<string> {
    this.client = await this.field.connect();
    await this.client.query(this.begin);
    return 'nobody';
  }

  async heal(): Promise<void> {
    // The server may have been restarted meanwhile.
    await this.client?.end().catch(() => undefined);
  }

  protected abstract get begin(): string;
}

/** A report that reads for a long time. */
export class HoldHorizonByReader extends OpenTransaction {
  readonly name = 'hold the horizon by a reader';

  protected get begin(): string {
    return 'begin isolation level repeatable read; select count(*) from jobs_delivery';
  }
}

/** Somebody who wrote something and went for lunch. */
export class HoldHorizonByWriter extends OpenTransaction {
  readonly name = 'hold the horizon by an idle writer';

  protected get begin(): string {
    return `begin; insert into chaos_effect (emission, receiver, delivery, process) values ('nemesis:idle', '', '', '')`;
  }
}

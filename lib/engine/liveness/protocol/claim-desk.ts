import type { Claimer } from '../../claiming/claimer.js';
import { type ClaimedDelivery, claimId, type ClaimKey } from '../../deliveries/claimed-delivery.js';
import { inTransaction } from '../connection/transaction.js';
import { Turns } from '../connection/turns.js';
import { SessionUnprovenError } from '../session-unproven.error.js';
import type { ClaimAnswer, ReceiverDemand } from '../worker-session.js';
import type { Standing } from './standing.js';
import type { WorkerStatements } from './worker.statements.js';

type HeldRow = Record<
  'event_id' | 'receiver' | 'version' | 'priority' | 'ready_xid' | 'claims' | 'attempts' | 'interruptions',
  string
>;

/** What the desk asks of the worker, wherever that runs. */
export interface ClaimOwner {
  held(): Promise<readonly ClaimKey[]>;
  recovered(deliveries: readonly ClaimedDelivery[]): void;
}

/** Claims one at a time, and finds again what was claimed when the answer did not come. */
export class ClaimDesk {
  private readonly turns = new Turns();
  private inDoubt = false;

  constructor(
    private readonly claimer: Claimer,
    private readonly statements: WorkerStatements,
    private readonly owner: ClaimOwner,
    /** Milliseconds for reading the table. */
    private readonly deadline: number,
  ) {}

  /** Something was claimed by this identity of which the worker may not know. */
  doubt(): void {
    this.inDoubt = true;
  }

  /** A new identity has claimed nothing yet. */
  forgetDoubt(): void {
    this.inDoubt = false;
  }

  claim(standing: Standing, demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    return this.turns.take(async () => {
      if (this.inDoubt) await this.findAgain(standing);
      try {
        return await this.claimOn(standing, demands);
      } catch (error) {
        // The bounds may have moved past deliveries that were not claimed after all.
        this.claimer.reset();
        // A claim is more than one statement, so those before the failed one may have brought something.
        this.inDoubt ||= !(error instanceof SessionUnprovenError);
        if (this.inDoubt && standing.connection.isOpen) await this.findAgain(standing).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Asks the database what this worker holds, and hands over what it does not know of. */
  reconcile(standing: Standing): Promise<void> {
    return this.turns.take(async () => {
      if (this.inDoubt) await this.findAgain(standing);
    });
  }

  private claimOn({ connection, mode, identity }: Standing, demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    return connection.exclusively(() =>
      mode.claim(connection, identity, (client) => this.claimer.claim(client, identity.id, demands)),
    );
  }

  private async findAgain({ connection, identity }: Standing): Promise<void> {
    // What the worker holds is asked first: a delivery settled in between is then missing in the database, and not taken for a lost one.
    const held = new Set((await this.owner.held()).map(claimId));
    const query = { text: this.statements.heldDeliveries, values: [identity.id] };
    // No index leads from a worker to its deliveries, since the claim would have to keep it: the table is read once.
    const answer = await connection.exclusively(() =>
      inTransaction(connection, this.deadline, (client) => client.query<HeldRow>(query)),
    );
    this.inDoubt = false;
    const recovered = (answer?.rows ?? []).map(toDelivery).filter((delivery) => !held.has(claimId(delivery)));
    if (recovered.length > 0) this.owner.recovered(recovered);
  }
}

function toDelivery(row: HeldRow): ClaimedDelivery {
  return {
    eventId: row.event_id,
    receiver: Number(row.receiver),
    version: Number(row.version),
    priority: Number(row.priority),
    readyXid: row.ready_xid,
    claims: Number(row.claims),
    attempts: Number(row.attempts),
    interruptions: Number(row.interruptions),
  };
}

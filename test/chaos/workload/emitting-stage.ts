import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import type { JobsService, ReliableEvents } from '../../../lib/index.js';
import type { Dice } from '../dice.js';
import type { PlannedReceiver } from '../history/history.js';
import type { Journal } from '../history/journal.js';
import type { Deployment } from '../processes/deployment.js';

/** One emission within a transaction: what is written about it, and how it is emitted. */
export interface PlannedEmission {
  readonly workload: string;
  readonly receivers: readonly PlannedReceiver[];
  emit(id: string, manager: EntityManager): Promise<unknown>;
}

/** Milliseconds for which slow transactions stay open after they have emitted. */
const SLOW = [200, 1_500] as const;

class PlannedRollback extends Error {}

/** What a piece of work is done with: it sees to it that everything attempted is written down first, and that the truth is in the database. */
export class EmittingStage {
  private count = 0;

  constructor(
    private readonly dataSource: DataSource,
    readonly events: ReliableEvents,
    readonly jobs: JobsService,
    private readonly journal: Journal,
    readonly dice: Dice,
    readonly deployment: Deployment,
    private readonly name: string,
  ) {}

  /** Emits in a transaction of its own, which mostly commits, sometimes late, and sometimes rolls back, wholly or to a savepoint. */
  async emit(planned: PlannedEmission): Promise<string | undefined> {
    const { dice } = this;
    if (dice.chance(0.12)) return this.inTransaction('rollback', (manager, id) => this.write(planned, manager, id));
    if (dice.chance(0.12)) return this.withSavepoint(planned);
    const slow = dice.chance(0.15) ? dice.between(...SLOW) : 0;
    return this.inTransaction('commit', async (manager, id) => {
      await this.write(planned, manager, id);
      if (slow > 0) await sleep(slow);
    });
  }

  /** Of two emissions in one transaction the one in a savepoint is rolled back. */
  private async withSavepoint(planned: PlannedEmission): Promise<string | undefined> {
    return this.inTransaction('commit', async (manager, id) => {
      const inner = this.attempt('rollback');
      await manager
        .transaction(async (nested) => {
          await this.write(planned, nested, inner);
          throw new PlannedRollback();
        })
        .catch(ignorePlanned);
      await this.write(planned, manager, id);
    });
  }

  private async inTransaction(
    intent: 'commit' | 'rollback',
    work: (manager: EntityManager, id: string) => Promise<void>,
  ): Promise<string | undefined> {
    const id = this.attempt(intent);
    try {
      await this.dataSource.transaction(async (manager) => {
        await work(manager, id);
        if (intent === 'rollback') throw new PlannedRollback();
      });
    } catch (error) {
      // What the answer to a commit got lost of may be there all the same: the database alone knows.
      this.journal.write({ kind: 'emit.told', emission: id, outcome: 'failed' });
      ignorePlanned(error);
      return undefined;
    }
    this.journal.write({ kind: 'emit.told', emission: id, outcome: 'committed' });
    return id;
  }

  private attempt(intent: 'commit' | 'rollback'): string {
    const emission = `${this.name}-${++this.count}`;
    this.journal.write({ kind: 'emit.attempted', emission, intent });
    return emission;
  }

  private async write(
    { workload, receivers, emit }: PlannedEmission,
    manager: EntityManager,
    id: string,
  ): Promise<void> {
    const plan = JSON.stringify({ receivers });
    await manager.query('insert into chaos_emission (id, workload, plan) values ($1, $2, $3)', [id, workload, plan]);
    await emit(id, manager);
  }
}

function ignorePlanned(error: unknown): void {
  if (!(error instanceof PlannedRollback)) throw error;
}

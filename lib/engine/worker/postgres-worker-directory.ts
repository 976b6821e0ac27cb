import { type AnnouncedReceiver, WorkerDirectory } from './worker-directory.port.js';
import { PACKAGE_VERSION } from '../../package-version.js';
import { WorkerLabelError } from '../../errors/worker-label.error.js';
import type { EngineDatabase } from '../database/engine-database.js';
import { LockSpace } from '../liveness/protocol/lock-space.js';
import { workerStatements } from '../liveness/protocol/worker.statements.js';
import type { TableNames } from '../schema/table-names.js';
import { type DirectoryStatements, directoryStatements } from './worker-directory.statements.js';

/** What the application says of a process, where it does. */
export interface ProcessDescription {
  readonly appVersion: string | undefined;
  readonly label: string | undefined;
}

/**
 * Says in the database which receivers a worker has, and in which versions, so that deliveries nobody runs can be told from those that
 * wait; and what the process is called.
 */
export class PostgresWorkerDirectory extends WorkerDirectory {
  private readonly statements: DirectoryStatements;
  private readonly locks: LockSpace;

  constructor(
    private readonly database: EngineDatabase,
    names: TableNames,
    private readonly described: ProcessDescription,
  ) {
    super();
    this.statements = directoryStatements(names);
    this.locks = new LockSpace(names, workerStatements(names));
  }

  /** @throws WorkerLabelError when another process that lives is called the same. */
  async announce(workerId: number, receivers: readonly AnnouncedReceiver[]): Promise<void> {
    await this.database.connection.run(this.statements.announce, [
      workerId,
      receivers.map(({ number }) => number),
      receivers.map(({ version }) => version),
      PACKAGE_VERSION,
      this.described.appVersion ?? null,
    ]);
    if (this.described.label !== undefined) await this.takeLabel(workerId, this.described.label);
  }

  private async takeLabel(workerId: number, label: string): Promise<void> {
    await this.locks.locate({ query: ({ text, values }) => this.database.connection.runUnprepared(text, values) });
    // A process that crashed may still be called live, until another has noticed; its successor need not wait for that.
    await this.database.transaction(async (connection) => {
      await connection.run(this.statements.takeTurn, [label]);
      await connection.run(this.statements.freeLabel, [label, workerId, this.locks.lockClass]);
      const { rows } = await connection.run<{ holder: string | null }>(this.statements.takeLabel, [label, workerId]);
      const holder = rows[0]?.holder ?? null;
      if (holder !== null) throw new WorkerLabelError(label, holder);
    });
  }
}

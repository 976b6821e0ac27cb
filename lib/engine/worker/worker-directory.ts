import type { EngineDatabase } from '../database/engine-database.js';
import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { type AnnouncedReceiver, WorkerDirectory } from './worker-directory.port.js';
import { PACKAGE_VERSION } from '../../package-version.js';

/**
 * Says in the database which receivers a worker has, and in which versions, so that deliveries nobody runs can be told from those that
 * wait.
 */
export class PostgresWorkerDirectory extends WorkerDirectory {
  private readonly announceText: Statement;

  /** @param appVersion version of the application, when it says so. */
  constructor(
    private readonly database: EngineDatabase,
    names: TableNames,
    private readonly appVersion: string | undefined,
  ) {
    super();
    this.announceText = statement(
      'announce_worker',
      `
update ${names.worker} set receivers = $2::int[], receiver_versions = $3::smallint[], package_version = $4, app_version = $5
where id = $1`,
    );
  }

  async announce(workerId: number, receivers: readonly AnnouncedReceiver[]): Promise<void> {
    await this.database.connection.run(this.announceText, [
      workerId,
      receivers.map(({ number }) => number),
      receivers.map(({ version }) => version),
      PACKAGE_VERSION,
      this.appVersion ?? null,
    ]);
  }
}

import type { Client } from 'pg';
import { applyVersion, revertVersion, schemaPlace } from '../../../../lib/schema/jobs-migrations.js';
import { nextVersion } from '../../../support/next-version.js';
import type { Battlefield } from '../battlefield.js';
import type { Fault } from '../fault.js';

const place = schemaPlace(undefined, undefined);

/** Two deploys bring the next version of the tables in at the same time; when it heals, it is taken back. */
export class TwoMigrations implements Fault {
  readonly name = 'two migrations at once';

  constructor(private readonly field: Battlefield) {}

  async strike(): Promise<string> {
    await Promise.all([this.migrate(applyVersion), this.migrate(applyVersion)]);
    return 'nobody';
  }

  async heal(): Promise<void> {
    const client = await this.field.connect();
    const { rowCount } = await client.query(`select from jobs_schema where version = ${nextVersion.version}`);
    await client.end();
    if (rowCount === 1) await this.migrate(revertVersion);
  }

  private async migrate(work: typeof applyVersion): Promise<void> {
    const client = await this.field.connect();
    try {
      await inTransaction(client, () => work(nextVersion, place, (sql) => client.query(sql)));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  await work();
  await client.query('commit');
}

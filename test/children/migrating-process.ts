import 'reflect-metadata';

import { DataSource } from 'typeorm';
import { applyVersion, revertVersion, schemaPlace } from '../../lib/schema/jobs-migrations.js';
import { nextVersion } from '../support/next-version.js';

/** Brings the next version in, takes it back, and brings it in again, so many times, as fast as others let it. */
const [url, times] = process.argv.slice(2);

async function main(): Promise<void> {
  const dataSource = await new DataSource({ type: 'postgres', url: url! }).initialize();
  const place = schemaPlace(undefined, undefined);
  const inTransaction = (migrate: typeof applyVersion): Promise<void> =>
    dataSource.transaction((manager) => migrate(nextVersion, place, (sql) => manager.query(sql)));
  for (let time = 0; time < Number(times); time++) {
    if (time > 0) await inTransaction(revertVersion);
    await inTransaction(applyVersion);
  }
  await dataSource.destroy();
}

void main();

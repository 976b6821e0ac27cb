import pg from 'pg';

import { compile } from '../compile.mjs';
import { startPostgres } from '../embedded-postgres.mjs';

export default async function globalSetup(globalConfig) {
  const [server] = await Promise.all([process.env.TEST_DATABASE_URL ? undefined : startPostgres(), compile()]);
  globalThis.__POSTGRES__ = server;
  const adminUrl = process.env.TEST_DATABASE_URL ?? server.url();
  await createDatabases(adminUrl, globalConfig.maxWorkers);
  process.env.PG_ADMIN_URL = adminUrl;
}

async function createDatabases(adminUrl, count) {
  const client = new pg.Client(adminUrl);
  await client.connect();
  try {
    for (let worker = 1; worker <= count; worker++) {
      await client.query(`DROP DATABASE IF EXISTS jest_${worker} WITH (FORCE)`);
      await client.query(`CREATE DATABASE jest_${worker}`);
    }
  } finally {
    await client.end();
  }
}

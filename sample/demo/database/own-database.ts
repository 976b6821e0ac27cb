import { randomBytes } from 'node:crypto';

import { Client } from 'pg';

/** A database that nobody else uses, on a server that others may use. */
export interface OwnDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** @param serverUrl any database of the server, for a user that may create databases. */
export async function createOwnDatabase(serverUrl: string, prefix: string): Promise<OwnDatabase> {
  const name = `${prefix}_${randomBytes(4).toString('hex')}`;
  await execute(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

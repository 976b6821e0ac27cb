import { randomBytes } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Client } from 'pg';

/** URL of the database this Jest worker may do with as it likes. */
export function databaseUrl(): string {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL is not set; run the tests with Jest, which starts a database.');
  return url;
}

/** Creates an empty database of its own for a spec file, and drops it at the end. */
export class TestDatabase {
  private constructor(
    readonly name: string,
    readonly url: string,
    private readonly kept: boolean,
  ) {}

  static async create(): Promise<TestDatabase> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await onServer((admin) => admin.query(`create database ${name}`));
    return new TestDatabase(name, urlOf(name), false);
  }

  /** One that stays for later runs on the same server: for what takes long to fill. */
  static async keep(name: string): Promise<TestDatabase> {
    await onServer(async (admin) => {
      const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
      if (rowCount === 0) await admin.query(`create database ${name}`);
    });
    return new TestDatabase(name, urlOf(name), true);
  }

  /** A data source on it; not initialised when `initialize` is false. */
  async dataSource(options: Partial<DataSourceOptions> = {}): Promise<DataSource> {
    const dataSource = new DataSource({
      type: 'postgres',
      url: this.url,
      synchronize: true,
      ...options,
    } as DataSourceOptions);
    return dataSource.initialize();
  }

  async drop(): Promise<void> {
    if (this.kept) return;
    await onServer((admin) => admin.query(`drop database if exists ${this.name} with (force)`));
  }
}

function urlOf(name: string): string {
  const url = new URL(databaseUrl());
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client(databaseUrl());
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

// One server for every system, as durable as in production: what a benchmark without fsync shows is of no use to anybody.
import pg from 'pg';

import { startPostgres } from '../../tools/embedded-postgres.mjs';
import { isProfiling, keepStatements } from './profiling.mjs';

const SETTINGS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '512MB',
  // A hundred workers, with their pools.
  max_connections: 500,
  max_wal_size: '4GB',
  shared_preload_libraries: 'pg_stat_statements',
  // Tracking costs CPU; only the databases that count statements turn it on.
  'pg_stat_statements.track': 'none',
};

/** Starts the server; `settings` change what a run must be different in, never for one system alone. */
export async function startServer(settings = {}) {
  const server = await startPostgres({ settings: { ...SETTINGS, ...settings } });
  const admin = new pg.Client(server.url());
  await admin.connect();
  await admin.query('create extension if not exists pg_stat_statements');
  let databases = 0;
  let counting = false;
  return {
    get pid() {
      return server.pid;
    },
    /** Processes that count as part of the server while a run lasts. */
    companions: new Set(),
    /**
     * Has databases count what is done in them from now on, or not. Counting costs CPU, so what is counted is not timed. Images of whole
     * pages depend on when the last checkpoint was, and are left out.
     */
    async count(on) {
      counting = on;
      await admin.query(`alter system set full_page_writes = ${on ? 'off' : 'on'}`);
      await admin.query('select pg_reload_conf()');
    },
    /** Has each flush of the WAL wait so many milliseconds first; 0 for none. */
    async delayCommits(milliseconds) {
      await admin.query(`alter system set commit_delay = ${milliseconds * 1000}`);
      // However few transactions are open meanwhile.
      await admin.query('alter system set commit_siblings = 0');
      await admin.query('select pg_reload_conf()');
    },
    /** What was counted so far; nothing while it is not. */
    async counts() {
      if (!counting) return {};
      const { rows } = await admin.query(COUNTS);
      return rows[0];
    },
    version: (await admin.query('show server_version')).rows[0].server_version,
    /** A fresh database for one run; what earlier runs left to be written is written before. */
    async createDatabase() {
      const name = `run_${++databases}`;
      await admin.query(`create database ${name}`);
      const url = server.url(name);
      const client = new pg.Client(url);
      client.on('error', () => undefined);
      await client.connect();
      await client.query(
        `create table payment (id int primary key, status text not null, changes int not null default 0) with (fillfactor = 50)`,
      );
      await client.query(`insert into payment select n, 'pending' from generate_series(0, 999) n`);
      await client.query('create table effect (n int not null)');
      await client.query('vacuum analyze');
      await admin.query('checkpoint');
      const database = new RunDatabase(name, url, client, admin);
      if (counting || isProfiling()) await database.countStatements();
      return database;
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

/** Statements as clients send them, and the buffers these touched; bytes of WAL of the whole server, maintenance included. */
const COUNTS = `
select coalesce(sum(calls), 0)::float8 as "statements",
  pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "WAL bytes",
  coalesce(sum(shared_blks_hit + shared_blks_read), 0)::float8 as "buffers"
from pg_stat_statements where toplevel and query not like '%pg_stat_statements%'`;

class RunDatabase {
  constructor(name, url, client, admin) {
    this.name = name;
    this.url = url;
    this.client = client;
    this.admin = admin;
  }

  async query(text, values) {
    return (await this.client.query(text, values)).rows;
  }

  async value(text, values) {
    const [row] = await this.query(text, values);
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /** What preloading wrote must be neither planned for as if it were absent nor flushed at the expense of what is measured. */
  async settle() {
    await this.client.query('vacuum analyze');
    await this.admin.query('checkpoint');
  }

  /** Bytes it takes on disk. */
  size() {
    return this.value('select pg_database_size(current_database())::float8');
  }

  /** Counts statements of sessions that begin from now on. */
  async countStatements() {
    await this.client.query('create extension if not exists pg_stat_statements');
    await this.client.query(`alter database ${this.name} set pg_stat_statements.track = 'all'`);
    await this.client.query(`alter database ${this.name} set pg_stat_statements.track_planning = 'on'`);
    await this.client.query('select pg_stat_statements_reset()');
  }

  /** Statements of other sessions than this one, by text. */
  async statements() {
    return this.query(
      `select query, calls::int, rows::int, plans::int, total_exec_time, total_plan_time, wal_bytes::float8, shared_blks_hit::float8
       from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
         and query not like '%pg_stat_statements%' order by total_exec_time + total_plan_time desc`,
    );
  }

  async drop() {
    await keepStatements(this);
    await this.client.end();
    await this.admin.query(`drop database if exists ${this.name} with (force)`);
  }
}

import type { DataSource } from 'typeorm';

import { Claimer } from '../../lib/engine/claiming/claimer.js';
import type { Clock } from '../../lib/engine/clock/clock.js';
import { EngineConnection } from '../../lib/engine/database/engine-connection.js';
import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { postgresPool, type PooledClient } from '../../lib/engine/database/postgres-driver.js';
import type { ClaimedDelivery } from '../../lib/engine/deliveries/claimed-delivery.js';
import { PostgresDeliveryStore } from '../../lib/engine/deliveries/postgres-delivery-store.js';
import type { EmitInput, EmitInputOptions } from '../../lib/engine/deliveries/emit-input.js';
import { RecentEvents } from '../../lib/engine/deliveries/recent-events.js';
import { PostgresEventStore } from '../../lib/engine/deliveries/postgres-event-store.js';
import type { AppendedEvent } from '../../lib/engine/deliveries/event-store.port.js';
import { jobsEntities } from '../../lib/schema/jobs-entities.js';
import { SchemaKeeper } from '../../lib/schema/schema-keeper.js';
import type { TableNames } from '../../lib/engine/schema/table-names.js';
import { TestDatabase } from './test-database.js';

/** The engine's stores on a database of their own, without Nest around them. */
export class EngineFixture {
  readonly clock: { offset: number } & Clock = { offset: 0 };
  readonly database: EngineDatabase;
  readonly names: TableNames;
  readonly events: PostgresEventStore;
  readonly deliveries: PostgresDeliveryStore;
  private readonly clients: PooledClient[] = [];

  private constructor(
    readonly testDatabase: TestDatabase,
    readonly dataSource: DataSource,
  ) {
    this.database = new EngineDatabase(dataSource);
    this.names = new SchemaKeeper(this.database, undefined, false).names;
    this.events = new PostgresEventStore(this.names, this.clock, new RecentEvents(0));
    this.deliveries = new PostgresDeliveryStore(this.names, this.clock);
  }

  static async create(): Promise<EngineFixture> {
    const testDatabase = await TestDatabase.create();
    const dataSource = await testDatabase.dataSource({ entities: [...jobsEntities()], poolSize: 20 });
    const fixture = new EngineFixture(testDatabase, dataSource);
    await fixture.database.detectPooler();
    await new SchemaKeeper(fixture.database, undefined, false).prepare();
    return fixture;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.release();
    await this.dataSource.destroy();
    await this.testDatabase.drop();
  }

  /** A connection of its own, returned at the end. */
  async client(): Promise<PooledClient> {
    const client = await postgresPool(this.dataSource).connect();
    this.clients.push(client);
    return client;
  }

  claimer(): Claimer {
    return new Claimer(this.names, this.clock);
  }

  /** Empties every table and subscribes the given receivers to their patterns. */
  async reset(subscriptions: Readonly<Record<string, readonly number[]>> = { 'order.paid': [1] }): Promise<void> {
    const { names } = this;
    await this.dataSource.query(
      `truncate ${names.event}, ${names.delivery}, ${names.deadLetter}, ${names.receiver}, ${names.subscription}, ${names.deduplication}, ${names.worker}`,
    );
    for (const [pattern, receivers] of Object.entries(subscriptions)) {
      for (const receiver of receivers) {
        await this.dataSource.query(`insert into ${names.subscription} (pattern, receiver) values ($1, $2)`, [
          pattern,
          receiver,
        ]);
      }
    }
    this.clock.offset = 0;
  }

  input(options: Partial<EmitInputOptions> = {}, name = 'order.paid'): EmitInput {
    const [first = ''] = name.split('.');
    return {
      name,
      version: 1,
      patterns: [name, `${first}.*`, '*'],
      payload: '{"orderId":7}',
      options: { priority: 4, retain: 60_000, ...options },
    };
  }

  emit(...inputs: readonly EmitInput[]): Promise<AppendedEvent[]> {
    return this.events.append(this.database.connection, inputs, false);
  }

  async count(table: string, condition = 'true'): Promise<number> {
    const rows: { count: number }[] = await this.dataSource.query(
      `select count(*)::int4 as count from ${table} where ${condition}`,
    );
    return rows[0]?.count ?? 0;
  }

  async rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, values);
  }

  /** Claims for worker 1 on a fresh claimer, which looks from the beginning. */
  async claim(limit = 100, receivers: readonly number[] = [1], version = 32_767): Promise<readonly ClaimedDelivery[]> {
    const client = await postgresPool(this.dataSource).connect();
    try {
      const demands = receivers.map((receiver) => ({ receiver, limit, version }));
      return (await this.claimer().claim(client, 1, demands)).deliveries;
    } finally {
      client.release();
    }
  }

  connection(client: PooledClient): EngineConnection {
    return new EngineConnection(client, true);
  }
}

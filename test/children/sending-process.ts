import 'reflect-metadata';

import { writeSync } from 'node:fs';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type EntitySubscriberInterface } from 'typeorm';

import { InProcessEvents, JobsModule, OnReliableEvent, ReliableEvents } from '../../lib/index.js';
import { ShipmentDue } from '../support/shipment-due.js';

const [url] = process.argv.slice(2);

/** Stops everything at the commit: nothing else happens in this process until it is killed. */
class HaltAtCommit implements EntitySubscriberInterface {
  afterTransactionCommit(): void {
    writeSync(1, 'committed\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

@Injectable()
class Shipping {
  constructor(private readonly dataSource: DataSource) {}

  @OnReliableEvent(ShipmentDue, { id: 'shipping' })
  async ship({ way }: ShipmentDue): Promise<void> {
    await this.dataSource.query('insert into shipped values ($1)', [way]);
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: url!, autoLoadEntities: true, synchronize: true }),
    JobsModule.forRoot({ worker: false }),
  ],
  providers: [Shipping],
})
class AppModule {}

async function main(): Promise<void> {
  // When the test that would kill it dies first.
  process.on('disconnect', () => process.exit());
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const dataSource = app.get(DataSource);
  dataSource.subscribers.push(new HaltAtCommit());
  await dataSource.transaction(async (manager) => {
    await manager.query(`insert into paid values ('1')`);
    await app.get(InProcessEvents).sendAfterCommit(new ShipmentDue('sendAfterCommit'), { manager });
    await app.get(ReliableEvents).emit(new ShipmentDue('emit'), { manager });
  });
}

void main();

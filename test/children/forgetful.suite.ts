import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobsModule, OnReliableEvent, ReliableEvent, ReliableEvents } from '../../lib/index.js';
import { JobsTesting, JobsTestingModule } from '../../lib/testing/index.js';
import { Signal } from '../support/signal.js';
import { until } from '../support/until.js';

// Run by a test of its own Jest: it works, passes, and forgets to close its application.

@ReliableEvent('door.opened')
class DoorOpened {}

@Injectable()
class Porter {
  readonly opened = new Signal();

  @OnReliableEvent(DoorOpened, { id: 'porter' })
  open(): void {
    this.opened.give();
  }
}

it('forgets', async () => {
  const inTheHandsOfTheTest = process.env['FORGET'] === 'application';
  const app = await Test.createTestingModule({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: process.env['DATABASE_URL'] ?? '',
        autoLoadEntities: true,
        synchronize: true,
      }),
      JobsModule.forRoot(),
      ...(inTheHandsOfTheTest ? [JobsTestingModule.forRoot()] : []),
    ],
    providers: [Porter],
  }).compile();
  app.useLogger(false);
  await app.init();
  await app.get(ReliableEvents).emit(new DoorOpened());
  if (inTheHandsOfTheTest) await app.get(JobsTesting).drain();
  await app.get(Porter).opened.given;
  // Jest counts it as a failure when something is loaded after the end of the tests, as a connection does that an acknowledgement opens.
  const dataSource = app.get(DataSource);
  await until(async () => (await dataSource.query<unknown[]>('select from jobs_delivery')).length === 0);
});

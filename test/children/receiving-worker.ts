import 'reflect-metadata';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { defaultSessionSettings } from '../../lib/engine/liveness/session-settings.js';
import { type DeliveryContext, JobsModule, OnReliableEvent, ReliableEvents } from '../../lib/index.js';
import {
  Asked,
  Confirmed,
  Noted,
  type ReceivingWorkerOptions,
  type WorkerReport,
} from '../support/receiving-process.js';
import { until } from '../support/until.js';

// A worker whose receivers do what the events say; it stops on SIGTERM as applications do.

const options = JSON.parse(process.argv[2] ?? '{}') as ReceivingWorkerOptions;

Object.assign(defaultSessionSettings, options.timings);

/** Resolves when it is on its way, whatever this process does next. */
function report(message: WorkerReport): Promise<unknown> {
  return new Promise((resolve) => process.send?.(message, resolve));
}

/** Resolves when the test says so. */
function toldToFinish(): Promise<void> {
  return new Promise((resolve) => process.once('message', () => resolve()));
}

@Injectable()
class Receivers {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
  ) {}

  @OnReliableEvent(Asked, { id: 'asked', concurrency: 50, retry: { backoff: 'fixed', delay: 1 } })
  async asked(event: Asked, context: DeliveryContext): Promise<void> {
    await report({ kind: 'started', script: event.script, attempt: context.attempt });
    await this.play(event, context);
    await report({ kind: 'finished', script: event.script });
  }

  @OnReliableEvent(Noted, { id: 'noted' })
  async noted(event: Noted): Promise<void> {
    await report({ kind: 'noted', number: event.number });
  }

  private async play({ script, number }: Asked, context: DeliveryContext): Promise<void> {
    if (script === 'poison') process.kill(process.pid, 'SIGKILL');
    if (script === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, number);
    if (script === 'innocent') await this.waitBesidePoison();
    if (script === 'finish when told') {
      await toldToFinish();
      await this.events.emit(new Confirmed(String(context.eventId)));
    }
    if (script === 'stop when told') {
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      throw new Error('stopped');
    }
  }

  /** Whatever is held beside the poison goes down with it. */
  private async waitBesidePoison(): Promise<void> {
    const poison = (): Promise<unknown[]> =>
      this.dataSource.query(
        `select from jobs_delivery d join jobs_event e on e.id = d.event_id
         where e.payload ->> 'script' = 'poison' and d.worker is not null`,
      );
    await until(async () => (await poison()).length === 0);
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: options.url, autoLoadEntities: true }),
    JobsModule.forRoot({ worker: options.worker }),
  ],
  providers: [Receivers],
})
class ReceivingModule {}

async function main(): Promise<void> {
  const application = await NestFactory.createApplicationContext(ReceivingModule, { logger: ['error', 'warn'] });
  application.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
  await report({ kind: 'ready' });
}

void main();

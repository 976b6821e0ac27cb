import 'reflect-metadata';

import { setTimeout as sleep } from 'node:timers/promises';
import { type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { defaultSessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import { JobsModule, JobsService, ReliableEvents } from '../../../lib/index.js';
import { Dice } from '../dice.js';
import { Journal } from '../history/journal.js';
import { EmittingStage } from '../workload/emitting-stage.js';
import { workloadsNamed } from '../workload/workloads.js';
import { shiftClock } from './clock-shift.js';
import { deploymentOf } from './deployment.js';
import type { ProcessOrder, ProcessReport, ProcessTask } from './process-task.js';
import { startPulse } from './pulse.js';

// One process of the application under test: it works, or it emits, until it is killed or told to stop.

const CUSTOMERS = 3;

const task = JSON.parse(process.argv[2] ?? '') as ProcessTask;
const journal = new Journal(task.folder, task.name);
const deployment = deploymentOf(task.deployment);
const workloads = workloadsNamed(task.workloads);
let resting = false;
let busy: Promise<unknown> = Promise.resolve();

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: task.url,
      autoLoadEntities: true,
      applicationName: task.name,
      poolSize: task.poolSize,
      retryAttempts: 100,
      retryDelay: 200,
    }),
    JobsModule.forRoot({
      migrate: true,
      worker: task.role === 'emitter' ? false : { pollInterval: task.pollInterval, shutdownGrace: task.shutdownGrace },
      sweep: { every: '1s' },
      onError: (error, { deliveryId, attempt, outcome }) =>
        journal.write({
          kind: 'run.failed',
          delivery: deliveryId ?? '',
          attempt: attempt ?? 0,
          outcome: outcome ?? '',
          error: String(error).slice(0, 200),
        }),
    }),
  ],
  providers: [...new Set(workloads.map(({ providers }) => providers))].flatMap((provide) =>
    provide({ deployment, journal }),
  ),
})
class ChaosModule {}

const logger: LoggerService = {
  log: (message: unknown, context: unknown) => context === 'Worker' && note('log', message),
  warn: (message: unknown) => note('warn', message),
  error: (message: unknown) => note('error', message),
  fatal: (message: unknown) => note('fatal', message),
};

function note(level: string, message: unknown): void {
  journal.write({ kind: 'notice', level, message: String(message).slice(0, 300) });
}

function report(message: ProcessReport): void {
  process.send?.(message);
}

async function main(): Promise<void> {
  // When whoever would kill it dies first.
  process.on('disconnect', () => process.exit());
  Object.assign(defaultSessionSettings, task.timings);
  startPulse(task.folder, task.name);
  const application = await NestFactory.createApplicationContext(ChaosModule, { logger, abortOnError: false });
  application.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
  const dataSource = application.get(DataSource);
  process.on('message', (order: ProcessOrder) => void obey(order, dataSource));
  report({ kind: 'ready' });
  if (task.role !== 'emitter') return;
  const [events, jobs] = [application.get(ReliableEvents), application.get(JobsService)];
  busy = Promise.all(
    Array.from({ length: CUSTOMERS }, async (_none, customer) => {
      const dice = new Dice(task.seed + customer);
      const stage = new EmittingStage(dataSource, events, jobs, journal, dice, deployment, `${task.name}.${customer}`);
      while (!resting) {
        await dice
          .pick(workloads)
          .step(stage)
          .catch((error: unknown) => note('step', error));
        await sleep(dice.between(0, (2_000 * CUSTOMERS) / task.rate));
      }
    }),
  );
}

async function obey(order: ProcessOrder, dataSource: DataSource): Promise<void> {
  if (order.kind === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.milliseconds);
  else if (order.kind === 'shift') shiftClock(order.milliseconds);
  else if (order.kind === 'exhaust') await exhaust(dataSource, order.milliseconds);
  else {
    resting = true;
    await busy;
    report({ kind: 'resting' });
  }
}

async function exhaust(dataSource: DataSource, milliseconds: number): Promise<void> {
  const over = sleep(milliseconds);
  await Promise.allSettled(
    Array.from({ length: task.poolSize }, async () => {
      const runner = dataSource.createQueryRunner();
      try {
        await runner.connect();
        await over;
      } finally {
        await runner.release();
      }
    }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

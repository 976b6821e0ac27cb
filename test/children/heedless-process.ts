import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobsModule } from '../../lib/index.js';

/** Boots an application that works or only emits, with shutdown hooks or without, and ends once it would have been warned. */
const [url, role, hooks] = process.argv.slice(2);

/** Not shorter than the module waits before it looks whether somebody listens for signals. */
const LOOK_DELAY = 1_000;

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: url!, autoLoadEntities: true }),
    JobsModule.forRoot({ migrate: true, worker: role === 'emitter' ? false : {} }),
  ],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  if (hooks === 'hooks') app.enableShutdownHooks();
  // Timers that were set for as long ring in the order in which they were set.
  await new Promise((resolve) => setTimeout(resolve, LOOK_DELAY));
  process.stdout.write('looked\n');
  await app.close();
}

void main();

import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobsModule, OnReliableEvent } from '../../lib/index.js';

/** A process that does nothing but work: what it receives it says, and its pool keeps no idle connection. */
const [url] = process.argv.slice(2);

class Bells {
  @OnReliableEvent('bell.rung', { id: 'bells' })
  receive(): void {
    process.stdout.write('rung\n');
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: url!,
      autoLoadEntities: true,
      synchronize: true,
      applicationName: 'idle-worker',
      extra: { idleTimeoutMillis: 20 },
    }),
    JobsModule.forRoot(),
  ],
  providers: [Bells],
})
class AppModule {}

void NestFactory.createApplicationContext(AppModule, { logger: ['error'] }).then(() => process.stdout.write('ready\n'));

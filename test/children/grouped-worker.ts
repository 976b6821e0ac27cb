import 'reflect-metadata';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobsModule, OnReliableEvent, type TransactionalContext } from '../../lib/index.js';
import { Counted, type GroupedWorkerOptions } from '../support/grouped-process.js';

// A worker that counts in groups, and may kill itself where what several deliveries wrote is not committed yet.

const { url, killAtUncommitted } = JSON.parse(process.argv[2] ?? '{}') as GroupedWorkerOptions;

@Injectable()
class Receivers {
  private runs = 0;

  constructor(private readonly dataSource: DataSource) {}

  @OnReliableEvent(Counted, { id: 'counted', transactional: { groupCommit: 50 } })
  async counted({ number }: Counted, { manager }: TransactionalContext): Promise<void> {
    await manager.query('insert into effect (number) values ($1)', [number]);
    this.runs += 1;
    if (killAtUncommitted !== null && (await this.uncommitted()) >= killAtUncommitted) {
      process.kill(process.pid, 'SIGKILL');
    }
  }

  /** How many runs of this process have written what nobody else sees yet. */
  private async uncommitted(): Promise<number> {
    const [seen] = await this.dataSource.query<[{ count: number }]>('select count(*)::int4 as count from effect');
    return this.runs - seen.count;
  }
}

@Module({
  imports: [TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true }), JobsModule.forRoot()],
  providers: [Receivers],
})
class GroupedModule {}

async function main(): Promise<void> {
  const application = await NestFactory.createApplicationContext(GroupedModule, { logger: ['error', 'warn'] });
  application.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
}

void main();

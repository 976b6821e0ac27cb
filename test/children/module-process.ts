import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobsModule, OnReliableEvent, ReliableEvent, ReliableEvents } from '../../lib/index.js';

/**
 * Boots an application, emits, and ends it: `close` closes it after its worker delivered; `close-emitter` closes one that only emits;
 * `destroy` forgets such an application and closes its pool alone. Nothing ends the process but having nothing left to do.
 */
const [url, mode] = process.argv.slice(2);

@ReliableEvent('door.opened')
class DoorOpened {
  readonly by = 'child';
}

@Injectable()
class Doors {
  readonly opened: Promise<void>;
  private open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }

  @OnReliableEvent(DoorOpened, { id: 'doors' })
  receive(): void {
    this.open();
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: url!, autoLoadEntities: true, synchronize: true }),
    JobsModule.forRoot(mode === 'close' ? {} : { worker: false }),
  ],
  providers: [Doors],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const dataSource = app.get(DataSource);
  await dataSource.transaction((manager) => app.get(ReliableEvents).emit(new DoorOpened(), { manager }));
  if (mode === 'close') await app.get(Doors).opened;
  if (mode === 'destroy') await dataSource.destroy();
  else await app.close();
}

void main();

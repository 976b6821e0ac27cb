// The engine of this package alone: its store called with rows that are made already, its worker calling functions. What it costs less
// than the whole is what events as classes, decorators, Nest's handlers and TypeORM's transaction cost.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import pg from 'pg';

import { EngineConnection } from '../../dist/esm/engine/database/engine-connection.js';
import { EventStore } from '../../dist/esm/engine/deliveries/event-store.port.js';
import { ReceiverRegistry } from '../../dist/esm/engine/receivers/receiver-registry.js';
import { JobsModule, ReliableEvents } from '../../dist/esm/index.js';

import { inTransaction } from './no-queue.mjs';

const EVENT = 'payment.completed';
const RETENTION = 7 * 24 * 3_600_000;

export async function prepare(url, { receivers }) {
  const application = await start(url, { receivers, handle: () => undefined }, { worker: false });
  await application.close();
}

export async function openProducer(url, { connections }) {
  const application = await start(url, { receivers: 0 }, { worker: false });
  const events = application.get(EventStore, { strict: false });
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const append = (client, payloads) => events.append(new EngineConnection(client, true), payloads.map(inputOf), false);
  return {
    transaction: (payment, payload) => inTransaction(pool, payment, payload && ((client) => append(client, [payload]))),
    enqueue: (payload) => append(pool, [payload]),
    enqueueMany: (payloads) => append(pool, payloads),
    async close() {
      await pool.end();
      await application.close();
    },
  };
}

export async function openWorker(url, { handle, receivers }) {
  const application = await start(url, { receivers, handle }, {});
  return { close: () => application.close() };
}

async function start(url, { receivers, handle }, jobs) {
  class EngineModule {}
  Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true }),
      JobsModule.forRoot({ migrate: true, ...jobs }),
    ],
    providers: [
      {
        provide: 'RECEIVERS',
        // What is exported is made after what it is made of.
        inject: [ModuleRef, ReliableEvents],
        useFactory: (modules) => register(modules.get(ReceiverRegistry, { strict: false }), receivers, handle),
      },
    ],
  })(EngineModule);
  return NestFactory.createApplicationContext(EngineModule, { logger: ['error', 'warn'] });
}

function register(registry, receivers, handle) {
  for (let number = 1; number <= receivers; number += 1) {
    const place = { declaredBy: registry, className: 'Bench', methodName: `receive${number}`, moduleName: 'bench' };
    registry.add(receiverOf(number, handle), place);
  }
  return registry;
}

function receiverOf(number, handle) {
  return {
    id: `bench.receiver-${number}`,
    aliases: [],
    subscriptions: [{ pattern: EVENT, version: 1 }],
    sender: null,
    reach: 'both',
    retry: { attempts: 5, jitter: 0, delay: () => 1_000, isFinal: () => false },
    timeout: null,
    concurrency: null,
    transactional: false,
    invoke: async ({ payload }) => handle(JSON.parse(payload).n, number),
  };
}

function inputOf(payload) {
  const options = { priority: 4, retain: RETENTION };
  return { name: EVENT, version: 1, patterns: [EVENT], payload: JSON.stringify(payload), options };
}

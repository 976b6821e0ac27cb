// This package as a user has it: the built package in a Nest application, an EntityManager in the transaction, decorated receivers,
// and the module's defaults.
import 'reflect-metadata';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

const here = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export async function prepare(url, settings) {
  const application = await start(url, settings, { worker: false }, () => undefined);
  await application.close();
}

export async function openProducer(url, settings) {
  const application = await start(url, { ...settings, receivers: 0 }, { worker: false });
  return producerOf(application, await load(settings));
}

export async function openWorker(url, { handle, ...settings }) {
  const { concurrency } = settings;
  const application = await start(url, settings, concurrency === undefined ? {} : { worker: { concurrency } }, handle);
  const library = await load(settings);
  return {
    producer: async () => ({ ...producerOf(application, library), close: async () => undefined }),
    close: () => application.close(),
  };
}

function producerOf(application, { ReliableEvents, PaymentCompleted }) {
  const dataSource = application.get(DataSource);
  const events = application.get(ReliableEvents);
  return {
    transaction: (payment, payload) =>
      dataSource.transaction(async (manager) => {
        await manager.query(`update payment set status = 'completed', changes = changes + 1 where id = $1`, [payment]);
        if (payload !== undefined) await events.emit(new PaymentCompleted(payload), { manager });
      }),
    enqueue: (payload) => events.emit(new PaymentCompleted(payload)),
    enqueueMany: (payloads) => events.emitMany(payloads.map((payload) => new PaymentCompleted(payload))),
    close: () => application.close(),
  };
}

async function start(url, settings, jobs, handle) {
  const library = await load(settings);
  const { JobsModule } = library;
  class BenchModule {}
  Module({
    imports: [
      TypeOrmModule.forRoot({
        type: 'postgres',
        url,
        autoLoadEntities: true,
        ...(settings.poolSize && { poolSize: settings.poolSize }),
      }),
      JobsModule.forRoot({ migrate: true, ...jobs }),
    ],
    providers: settings.receivers === 0 ? [] : [receivers(library, settings, handle)],
  })(BenchModule);
  return NestFactory.createApplicationContext(BenchModule, { logger: ['error', 'warn'] });
}

/** A provider with as many receivers of the event as asked for, and of an event that never happens. */
function receivers({ OnReliableEvent, PaymentCompleted }, { receivers: count, unused = 0, kind = 'plain' }, handle) {
  class Receivers {}
  for (let number = 1; number <= count + unused; number += 1) {
    const method = `receive${number}`;
    Receivers.prototype[method] = handlerOf(kind, (n) => handle(n, number));
    const id = `bench.receiver-${number}`;
    OnReliableEvent(number > count ? 'payment.refunded' : PaymentCompleted, { id, ...optionsOf(kind) })(
      Receivers.prototype,
      method,
      Object.getOwnPropertyDescriptor(Receivers.prototype, method),
    );
  }
  Injectable()(Receivers);
  return Receivers;
}

function optionsOf(kind) {
  if (kind === 'transactional') return { transactional: true };
  return kind === 'group commit' ? { transactional: { groupCommit: 50 } } : {};
}

function handlerOf(kind, handle) {
  const write = (manager, event) => manager.query('insert into effect (n) values ($1)', [event.n]);
  switch (kind) {
    case 'transactional':
    case 'group commit':
      return async (event, { manager }) => {
        await write(manager, event);
        await handle(event.n);
      };
    case 'late':
      return async (event, context) => {
        // What takes its time comes first, while no transaction is open.
        await handle(event.n);
        await context.transaction((manager) => write(manager, event));
      };
    default:
      return async (event) => handle(event.n);
  }
}

const libraries = new Map();

/** The package's public surface and the event of the benchmark, once for each build. */
function load({ package: folder = here }) {
  if (!libraries.has(folder)) libraries.set(folder, loadFrom(folder));
  return libraries.get(folder);
}

async function loadFrom(folder) {
  const library = await import(pathToFileURL(resolve(folder, 'dist/esm/index.js')).href);
  class PaymentCompleted {
    constructor({ n, paymentId, amount, currency }) {
      this.n = n;
      this.paymentId = paymentId;
      this.amount = amount;
      this.currency = currency;
    }
  }
  library.ReliableEvent('payment.completed')(PaymentCompleted);
  return { ...library, PaymentCompleted };
}

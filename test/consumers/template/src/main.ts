import 'reflect-metadata';

import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';

import { AppModule } from './app.module.js';
import { Journal, Order, Orders, Parcel, Shipping } from './orders.js';
import { until } from './until.js';

/** What this process is to do; the process ends when nothing is left to do. */
const modes = {
  /** Everything goes well. */
  async happy() {
    const app = await start(true);
    await app.get(Orders).pay('happy');
    await app.get(Orders).pack('happy');
    await settled(app);
    await shippedOnce(app, ['happy']);
    const heard = [...app.get(Journal).lines].sort();
    if (heard.join() !== 'completed order.pack happy,requested order.pack happy') {
      throw new Error(`The journal says ${JSON.stringify(heard)}.`);
    }
    await app.close();
  },

  /** The transaction was committed, and nothing was delivered yet. */
  async 'die after the commit'() {
    const app = await start(false);
    await app.get(Orders).pay('killed-after-the-commit');
    process.kill(process.pid, 'SIGKILL');
  },

  /** The receiver has written, and has not committed. */
  async 'die in a receiver'() {
    const app = await start(true);
    app.get(Shipping).diesOf = 'killed-in-the-receiver';
    await app.get(Orders).pay('killed-in-the-receiver');
  },

  /** Orders are paid and shipped while another process brings in a newer version of the tables, and for a while after that. */
  async 'work through a migration'() {
    const app = await start(true);
    const before = await tablesVersion(app);
    let [paid, left] = [0, 50];
    const customer = async (): Promise<void> => {
      while (left > 0) {
        await app.get(Orders).pay(`order-${++paid}`);
        if ((await tablesVersion(app)) > before) left--;
      }
    };
    const customers = [customer(), customer()];
    console.log('working');
    await Promise.all(customers);
    console.log(`${paid} orders paid`);
    await settled(app);
    await shippedOnce(
      app,
      Array.from({ length: paid }, (_, index) => `order-${index + 1}`),
    );
    await app.close();
  },

  /** The migrations run, and nothing else happens. */
  async migrate() {
    const app = await start(false);
    await app.close();
  },

  /** Another process finds what the killed ones left. */
  async recover() {
    const app = await start(true);
    await settled(app);
    await shippedOnce(app, ['happy', 'killed-after-the-commit', 'killed-in-the-receiver']);
    await app.close();
  },
};

async function start(worker: boolean): Promise<INestApplicationContext> {
  const app = await NestFactory.createApplicationContext(AppModule.with({ worker, tables: 'migrated' }), {
    logger: ['error', 'warn', 'fatal'],
    abortOnError: false,
  });
  return app.enableShutdownHooks();
}

async function tablesVersion(app: INestApplicationContext): Promise<number> {
  const [row]: { version: number }[] = await app
    .get(DataSource)
    .query('select max(version)::int4 as version from jobs_schema');
  return row?.version ?? 0;
}

async function settled(app: INestApplicationContext): Promise<void> {
  const dataSource = app.get(DataSource);
  await until('every delivery', async () => {
    const open: unknown[] = await dataSource.query('select from jobs_delivery limit 1');
    return open.length === 0;
  });
}

async function shippedOnce(app: INestApplicationContext, ids: readonly string[]): Promise<void> {
  const { manager } = app.get(DataSource);
  const [orders, parcels] = await Promise.all([manager.count(Order), manager.find(Parcel)]);
  const shipped = parcels.map(({ orderId }) => orderId).sort();
  if (orders !== ids.length || shipped.join() !== [...ids].sort().join()) {
    throw new Error(`Of ${orders} orders, these were shipped: ${JSON.stringify(shipped)}.`);
  }
}

const mode = process.argv[2] ?? '';
if (!(mode in modes)) throw new Error(`"${mode}" is none of ${Object.keys(modes).join(', ')}.`);
modes[mode as keyof typeof modes]().catch((error: unknown) => {
  console.error(error);
  // What was started and not closed must not keep the process.
  process.exit(1);
});

import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { OrdersRepair } from './orders/repair/orders-repair.js';
import { runMain } from './run-main.js';
import { readSettings } from './settings.js';

/** `npm run sample:repair`: settles orders that were forgotten, and prints what it changed. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot({ ...settings, worker: false, synchronize: false }),
    { logger: ['warn', 'error', 'fatal'] },
  );
  try {
    for await (const order of app.get(OrdersRepair).run()) {
      console.log(`order ${order.id} status changed to "${order.status}"`);
    }
  } finally {
    await app.close();
  }
}

runMain(main);

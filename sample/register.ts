import 'reflect-metadata';

import { type RegisteredReceiver, registerReceivers } from '../lib/index.js';
import { AppModule } from './app.module.js';
import { runMain } from './run-main.js';
import { readSettings } from './settings.js';

/** `npm run sample:register`: records the receivers before the first process starts, and prints who is registered. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  // The first step of a deploy is also the one that makes the tables.
  for (const receiver of await registerReceivers(AppModule.forRoot({ ...settings, synchronize: true }))) {
    console.log(describe(receiver));
  }
}

function describe({ id, subscriptions, retired }: RegisteredReceiver): string {
  const patterns = subscriptions.map(({ pattern }) => pattern).join(', ');
  return retired ? `${id} is retired` : `${id} receives ${patterns}`;
}

runMain(main);

import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { OperatorConsole } from './operating/operator-console.js';
import { runMain } from './run-main.js';
import { readSettings } from './settings.js';

/** `npm run -s sample:operate -- <command>`: what is open, failed and died, and actions on it, as JSON. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  // A console looks: it runs no receiver, and registers none, as its code may be another version than what is deployed.
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot({ ...settings, worker: false, register: false, synchronize: false }),
    // Warnings would go where the JSON goes.
    { logger: ['error', 'fatal'] },
  );
  try {
    const answer = await app.get(OperatorConsole).run(process.argv.slice(2));
    console.log(JSON.stringify(answer ?? null, null, 2));
  } finally {
    await app.close();
  }
}

runMain(main);

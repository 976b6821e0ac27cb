import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { JobSweeps } from '../lib/index.js';
import { AppModule } from './app.module.js';
import { runMain } from './run-main.js';
import { readSettings } from './settings.js';

/** `npm run jobs:expire`: cancels jobs whose time is over, and prints how many. Workers do so by themselves. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot({ ...settings, worker: false, synchronize: false }),
    { logger: ['warn', 'error', 'fatal'] },
  );
  try {
    console.log(`expired jobs: ${await app.get(JobSweeps, { strict: false }).expire()}`);
  } finally {
    await app.close();
  }
}

runMain(main);

import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { runMain } from './run-main.js';
import { readSettings } from './settings.js';

/** A process that runs receivers and serves nobody. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot({ ...settings, worker: true, synchronize: false }),
  );
  app.enableShutdownHooks();
}

runMain(main);

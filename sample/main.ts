import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { runMain } from './run-main.js';
import { readSettings } from './settings.js';
import { welcome } from './welcome.js';

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const app = await NestFactory.create(AppModule.forRoot({ ...settings, synchronize: true }));
  app.enableShutdownHooks();
  await app.listen(settings.port);
  console.log(welcome(await app.getUrl(), settings.worker));
}

runMain(main);

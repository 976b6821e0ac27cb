import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { AccessTokens } from './auth/access-tokens.js';
import { fillWithDemoData } from './fill-with-demo-data.js';
import { serveOpenApi } from './http/open-api.js';
import { runMain } from './run-main.js';
import { readSettings } from './settings.js';
import { welcome } from './welcome.js';

async function main(): Promise<void> {
  const { port, demoData, ...settings } = readSettings(process.env);
  if (demoData && (await fillWithDemoData({ ...settings, synchronize: true }))) {
    console.log('There was nothing to look at, so there are now some accounts, most of them not quite set up.');
  }
  const app = await NestFactory.create(AppModule.forRoot({ ...settings, synchronize: true }));
  app.enableShutdownHooks();
  serveOpenApi(app);
  await app.listen(port);
  const supportToken = app.get(AccessTokens).issue('user:ada', ['role:support']);
  console.log(welcome({ address: await app.getUrl(), worker: settings.worker, supportToken }));
}

runMain(main);

// A part of an application that says `import` and one that says `require` must get the same classes, of everything.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import * as imported from 'nestjs-jobs';

import { AppModule } from './dist/src/app.module.js';

const required = createRequire(import.meta.url)('nestjs-jobs');
const app = await NestFactory.createApplicationContext(AppModule.with({ worker: false, tables: 'migrated' }), {
  logger: ['error', 'warn', 'fatal'],
});
for (const name of ['ReliableEvents', 'JobsService', 'Receivers']) {
  assert.ok(app.get(imported[name]) === app.get(required[name]), `${name} exists twice`);
}
await app.close();

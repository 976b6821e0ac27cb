import { NestFactory } from '@nestjs/core';
import { DataSource, type EntityManager } from 'typeorm';

import { AppModule, type AppModuleSettings } from './app.module.js';
import { DemoData } from './demo-data/demo-data.js';
import { DEMO_STORY } from './demo-data/demo-story.js';

const LOCK = 'nestjs-jobs sample: demonstration data';

/**
 * Fills a database with something to look at unless it is there, before an application serves anybody.
 *
 * @returns whether there was something to do.
 */
export async function fillWithDemoData(settings: AppModuleSettings): Promise<boolean> {
  const database = await new DataSource({ type: 'postgres', url: settings.databaseUrl }).initialize();
  try {
    return await database.transaction(async (manager) => {
      // Two processes that start at once would tell the story twice.
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [LOCK]);
      if (await isTold(manager)) return false;
      await tell(settings);
      return true;
    });
  } finally {
    await database.destroy();
  }
}

/** Whether the story has happened to its end; one that was broken off is told again, which changes nothing of what has happened. */
async function isTold(manager: EntityManager): Promise<boolean> {
  const [tables] = await manager.query<{ there: boolean }[]>(`select to_regclass('account') is not null as there`);
  if (tables?.there !== true) return false;
  const last = DEMO_STORY.at(-1)?.email;
  return (await manager.query<object[]>('select from account where email = $1', [last])).length > 0;
}

/** In an application of its own, which lives in the past and ends. */
async function tell(settings: AppModuleSettings): Promise<void> {
  const clock = { offset: 0 };
  const past = await NestFactory.createApplicationContext(
    AppModule.forRoot({ ...settings, worker: true, synchronize: true, clock }),
    { logger: ['error', 'fatal'] },
  );
  try {
    await past.get(DemoData).tell(clock);
  } finally {
    await past.close();
  }
}

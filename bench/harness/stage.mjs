import { setTimeout as sleep } from 'node:timers/promises';

import { unfinished } from '../systems/index.mjs';
import { Actor } from './actor.mjs';
import { startRedis } from './redis.mjs';

/** A run's database and processes, all gone when it is over, however it ended. */
export async function onStage(server, { settings, ...rest }, play) {
  const database = await server.createDatabase();
  const redis = settings.backend === 'redis' ? await startRedis() : undefined;
  if (redis !== undefined) server.companions.add(redis.pid);
  const system = { ...rest, settings: { ...settings, redis: redis?.url } };
  const actors = [];
  const start = async (role) => {
    const actor = await Actor.start(role, system);
    actors.push(actor);
    return actor;
  };
  try {
    return await play({
      database,
      redis,
      url: database.url,
      /** How many jobs are not done. */
      unfinished: () => (redis === undefined ? database.value(unfinished[system.module]) : redis.unfinished()),
      producer: () => start('producer'),
      worker: () => start('worker'),
      desk: () => start('desk'),
    });
  } finally {
    await Promise.all(actors.map((actor) => actor.stop()));
    await database.drop();
    server.companions.delete(redis?.pid);
    await redis?.stop();
  }
}

/** Enqueues jobs by the system's own bulk call and leaves the tables as they lie in production: analysed, and on disk. */
export async function preload({ database, url, producer }, count, options = {}) {
  const actor = await producer();
  await actor.call('prepare', url, options.receivers ?? 1);
  await actor.call('open', url, options);
  await actor.call('bulk', count);
  await actor.stop();
  await database.settle();
}

/** Fails a run whose figures would be about something else than what was asked for. */
export function assertCount(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: ${actual}, expected ${expected}`);
}

/** Waits until the value is there; what is counted is not known to end at a signal. */
export async function until(read, expected, limit = 60_000) {
  for (const end = performance.now() + limit; ; await sleep(20)) {
    const value = await read();
    if (value === expected) return;
    if (performance.now() > end) throw new Error(`${value} after ${limit} ms, expected ${expected}`);
  }
}

/** The same, asked of the database. */
export function untilValue(database, query, expected, limit) {
  return until(() => database.value(query), expected, limit);
}

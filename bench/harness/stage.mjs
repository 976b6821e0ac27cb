import { setTimeout as sleep } from 'node:timers/promises';

import { Actor } from './actor.mjs';

/** A run's database and processes, all gone when it is over, however it ended. */
export async function onStage(server, system, play) {
  const database = await server.createDatabase();
  const actors = [];
  const start = async (role, options) => {
    const actor = await Actor.start(role, system, options);
    actors.push(actor);
    return actor;
  };
  try {
    return await play({
      database,
      url: database.url,
      producer: (options) => start('producer', options),
      worker: (options) => start('worker', options),
    });
  } finally {
    await Promise.all(actors.map((actor) => actor.stop()));
    await database.drop();
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

/** Waits until the database gives the value; what is counted is not known to end at a signal. */
export async function untilValue(database, query, expected, limit = 60_000) {
  for (const end = performance.now() + limit; ; await sleep(20)) {
    const value = await database.value(query);
    if (value === expected) return;
    if (performance.now() > end) throw new Error(`"${query}" gave ${value}, expected ${expected}`);
  }
}

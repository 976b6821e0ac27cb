import { jobTables } from '../systems/index.mjs';

/**
 * Keeps workers from taking any job until what is answered is called, so that all of them are there when the first is taken and what it
 * costs is counted from that one on.
 */
export async function holdBack({ module }, { database, redis }) {
  if (redis !== undefined) {
    await redis.pause();
    return () => redis.resume();
  }
  await database.query('begin');
  // Reading is let through: a worker that boots may look at what there is.
  await database.query(`lock table ${jobTables[module]} in exclusive mode`);
  return () => database.query('commit');
}

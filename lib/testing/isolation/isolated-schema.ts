import { JobsError } from '../../errors/jobs.error.js';
import { runOnce } from './run-once.js';

const NAME = /^[a-z_][a-z0-9_]{0,40}$/;

/**
 * Makes an empty schema for this worker of the test runner, so that workers that run at once share nothing. What was in it is dropped.
 *
 * ```ts
 * const schema = await isolatedSchema(process.env.DATABASE_URL);
 * TypeOrmModule.forRoot({ …, schema, synchronize: true }), JobsModule.forRoot({ schema })
 * ```
 *
 * @param url of the database; what an environment variable holds that may not be set is refused when it is not.
 * @param prefix of the name, in lower case; `test` unless given.
 * @returns its name: the prefix and the number of the worker, from `JEST_WORKER_ID` or `VITEST_POOL_ID`, or 1.
 * @throws JobsError without a URL, and when the prefix cannot be part of a name.
 * @publicApi
 */
export async function isolatedSchema(url: string | undefined, prefix = 'test'): Promise<string> {
  if (url === undefined || url === '') {
    throw new JobsError('isolatedSchema: url must be the URL of a database, but is not set; is DATABASE_URL?');
  }
  if (!NAME.test(prefix)) {
    throw new JobsError(
      `isolatedSchema: prefix must be lower case letters, digits and _, up to 41, but is ${JSON.stringify(prefix)}.`,
    );
  }
  const schema = `${prefix}_${workerNumber()}`;
  await runOnce(url, `drop schema if exists "${schema}" cascade; create schema "${schema}"`);
  return schema;
}

function workerNumber(): string {
  const { JEST_WORKER_ID, VITEST_POOL_ID } = process.env;
  const number = JEST_WORKER_ID ?? VITEST_POOL_ID ?? '1';
  return /^\d{1,6}$/.test(number) ? number : '1';
}

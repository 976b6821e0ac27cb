// `npm start`: the sample application, with a PostgreSQL server of its own unless DATABASE_URL is set. Its data are in .data, or in DATA_DIR.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { startPostgres } from './embedded-postgres.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, '.build/sample/main.js');

if (existsSync(main)) {
  if (await provideDatabase()) await import(pathToFileURL(main).href);
} else {
  console.error('There is no sample application yet: sample/main.ts does not exist.');
  process.exitCode = 1;
}

async function provideDatabase() {
  if (process.env.DATABASE_URL) return true;
  try {
    // No signal handling here: the application may take its time to shut down, and the server ends after this process.
    const server = await startPostgres({
      dataDir: join(process.env.DATA_DIR || join(root, '.data'), 'pg'),
      password: 'sample',
    });
    process.env.DATABASE_URL = server.url();
    console.log(`PostgreSQL: ${server.url()} (data in ${server.dataDir})`);
    return true;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
    return false;
  }
}

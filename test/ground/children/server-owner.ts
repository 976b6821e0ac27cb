import { startPostgres } from '../../../tools/embedded-postgres.mjs';

async function main(): Promise<void> {
  const [dataDir] = process.argv.slice(2);
  const server = await startPostgres(dataDir === undefined ? {} : { dataDir });
  process.stdout.write(`${JSON.stringify({ url: server.url(), dataDir: server.dataDir })}\n`);
  // Lives until it is killed.
  setInterval(() => undefined, 60_000);
}

void main();

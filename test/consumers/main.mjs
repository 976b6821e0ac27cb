// Installs the packed package into small applications of every supported set-up, and checks that it works in each.
//
//   npm run test:consumers                     every row of matrix.json, one after another
//   npm run test:consumers -- --quick          two rows that differ in everything
//   npm run test:consumers -- --only vitest    rows whose name contains this; may be given several times
//   npm run test:consumers -- --list           the rows
//   npm run test:consumers -- --quick --previous <commit>
//                                              instead: whether processes of that version live through the migration to this one
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startPostgres } from '../../tools/embedded-postgres.mjs';
import { checkRow, checkUpgrade } from './check-row.mjs';
import { installPostgres, pack, packCommit } from './installation.mjs';
import { quickRows, rows } from './matrix.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    previous: { type: 'string' },
  },
});

const chosen = (values.quick ? quickRows : rows).filter(({ name }) => values.only.every((part) => name.includes(part)));
if (chosen.length === 0) throw new Error(`No row contains ${values.only.join(' and ')}; --list shows them.`);
if (values.list) console.log(chosen.map(({ name }) => name).join('\n'));
else await check();

async function check() {
  const tarball = await pack(root);
  const previous = values.previous === undefined ? undefined : await packCommit(root, values.previous);
  const failed = [];
  for (const row of chosen) {
    console.log(row.name);
    const server = await startPostgres({ binaries: await installPostgres(row) });
    try {
      const context = { root, tarball, server, say: console.log };
      await (previous === undefined ? checkRow(row, context) : checkUpgrade(row, { ...context, previous }));
    } catch (error) {
      failed.push(row.name);
      console.error(error instanceof Error ? error.message : error);
    } finally {
      await server.stop();
    }
  }
  console.log(`${chosen.length - failed.length} of ${chosen.length} set-ups work`);
  if (failed.length === 0) return;
  console.error(`These do not:\n${failed.join('\n')}`);
  process.exitCode = 1;
}

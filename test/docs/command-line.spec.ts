import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parsePruneFlags, PRUNE_USAGE } from '../../lib/command-line/prune-command.js';
import { parseWorkerFlags, WORKER_USAGE } from '../../lib/command-line/worker-flags.js';

const page = readFileSync(resolve(__dirname, '../../docs/command-line.md'), 'utf8');

/** The flags of the page's example of a command, without those that name the application. */
function example(command: string): readonly string[] {
  const line = page.split('\n').find((text) => text.startsWith(`npx nestjs-jobs ${command} `)) ?? '';
  return line.replaceAll("'", '').split(' ').slice(5);
}

describe('docs/command-line.md', () => {
  it('has the flags as the commands tell them', () => {
    expect([page.includes(WORKER_USAGE), page.includes(PRUNE_USAGE)]).toEqual([true, true]);
  });

  it('has examples that are understood', () => {
    expect(parseWorkerFlags(example('worker')).worker).toEqual({
      receivers: ['order.*', 'analytics.count'],
      concurrency: 5,
    });
    expect(parsePruneFlags(example('prune')).options).toMatchObject({
      olderThan: 14 * 86_400_000,
      failedOlderThan: 60 * 86_400_000,
      dryRun: true,
    });
  });
});

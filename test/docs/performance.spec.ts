import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('PERFORMANCE.md');

/** Runs a script of the benchmark on the page and the committed results; its output, or what it complains of. */
function report(code: string): unknown {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(root, 'bench'),
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

describe('The page on performance', () => {
  it('shows the committed results to the letter, in tables and charts', () => {
    expect(
      report(`
        import { outdated } from './report/performance.mjs';
        console.log(JSON.stringify(await outdated()));`),
    ).toEqual([]);
  });

  it('has a place for every scenario, and for no other', () => {
    const scenarios = report(`
      import { scenarios } from './scenarios/index.mjs';
      console.log(JSON.stringify(scenarios.map(({ name }) => name)));`) as string[];
    const tables = [...page.matchAll(/<!-- table ([\w-]+) -->/g)].map(([, name]) => name);
    expect([...tables].sort()).toEqual([...scenarios].sort());
  });

  it('notices figures that are not those of the results', () => {
    const outdated = report(`
      import { outdatedBy } from './report/performance.mjs';
      const results = [{ scenario: 'emit', title: 'emit', key: 'CPU ms added', profile: 'usual', rows: [
        { name: 'nestjs-jobs', kind: 'ours', repeats: 1, figures: { 'CPU ms added': { median: 42, low: 42, high: 42 } } },
      ], run: { at: '2000-01-01T00:00', machine: { cpus: 1, model: 'none' }, node: 'v0', postgres: '0', missing: [] } }];
      console.log(JSON.stringify((await outdatedBy(results)).map((file) => file.split('/').at(-1))));`);
    expect(outdated).toEqual(expect.arrayContaining(['PERFORMANCE.md', 'emit.svg']));
  });

  it('is linked from the README and the page of the benchmark', () => {
    expect(read('README.md')).toContain('](PERFORMANCE.md)');
    expect(read('bench/README.md')).toContain('](../PERFORMANCE.md)');
  });
});

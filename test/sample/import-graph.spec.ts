import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import ts from 'typescript';

const sample = resolve(__dirname, '../../sample');

/** Files of the sample, and the files of the sample that each of them imports, in whatever way. */
function importGraph(): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(sample, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(sample, file), 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => relative(sample, resolve(sample, dirname(file), fileName)).replace(/\.js$/, '.ts'))
    .filter((imported) => !imported.startsWith('..'));
}

/** The first cycle found, as the way around it. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

describe('The sample’s import graph', () => {
  const graph = importGraph();

  /** Folders that files of a folder import from. */
  function usedBy(folder: string): string[] {
    const used = [...graph]
      .filter(([file]) => folderOf(file) === folder)
      .flatMap(([, imports]) => imports.map(folderOf));
    return [...new Set(used)].sort();
  }

  it('is seen by this test', () => {
    expect(graph.get('orders/orders.service.ts')).toContain('payments/payments.service.ts');
    expect(graph.get('payments/payments.module.ts')).toContain('payments/payments.service.ts');
  });

  it('finds a cycle when there is one', () => {
    const cyclic = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ]);
    expect(findCycle(cyclic)).toEqual(['b', 'c', 'b']);
  });

  it('P1: has no cycle between files', () => {
    expect(findCycle(graph)).toBeUndefined();
  });

  it('P1: has no cycle between its modules', () => {
    const folders = new Map<string, string[]>();
    for (const [file, imports] of graph) {
      if (!file.includes('/')) continue;
      const others = imports.map(folderOf).filter((folder) => folder !== folderOf(file));
      folders.set(folderOf(file), [...(folders.get(folderOf(file)) ?? []), ...others]);
    }
    expect(findCycle(folders)).toBeUndefined();
  });

  it('P1: payments import nothing of those who get paid', () => {
    expect(usedBy('payments')).toEqual(['database', 'http', 'payments']);
  });

  it('accounts import nothing of the onboarding, nor of any other job', () => {
    expect(usedBy('accounts')).toEqual(['accounts', 'auth', 'http']);
  });

  it('the queue of support knows no type of job, and nobody knows the queue', () => {
    expect(usedBy('staff')).toEqual(['auth', 'http', 'job-api', 'staff']);
    const importers = [...graph].filter(
      ([file, imports]) => folderOf(file) !== 'staff' && imports.some((imported) => folderOf(imported) === 'staff'),
    );
    expect(importers.map(([file]) => file)).toEqual(['app.module.ts']);
  });

  it('nothing but the start imports the demonstration data', () => {
    const importers = [...graph].filter(
      ([file, imports]) =>
        folderOf(file) !== 'demo-data' && imports.some((imported) => folderOf(imported) === 'demo-data'),
    );
    expect(importers.map(([file]) => file).sort()).toEqual(['app.module.ts', 'fill-with-demo-data.ts']);
  });

  it('P1: nothing is imported late or forwarded', () => {
    const late = [...graph.keys()].filter((file) =>
      /forwardRef|\brequire\(|\bimport\(|moduleRef/i.test(readFileSync(join(sample, file), 'utf8')),
    );
    expect(late).toEqual([]);
  });
});

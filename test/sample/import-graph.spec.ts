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

  it('P1: has no cycle between payments, orders and analytics', () => {
    const folders = new Map<string, string[]>();
    for (const [file, imports] of graph) {
      if (!file.includes('/')) continue;
      const others = imports.map(folderOf).filter((folder) => folder !== folderOf(file));
      folders.set(folderOf(file), [...(folders.get(folderOf(file)) ?? []), ...others]);
    }
    expect(findCycle(folders)).toBeUndefined();
  });

  it('P1: payments import nothing of those who get paid', () => {
    const used = [...graph]
      .filter(([file]) => folderOf(file) === 'payments')
      .flatMap(([, imports]) => imports.map(folderOf));
    expect([...new Set(used)].sort()).toEqual(['database', 'http', 'payments']);
  });

  it('P1: nothing is imported late or forwarded', () => {
    const late = [...graph.keys()].filter((file) =>
      /forwardRef|\brequire\(|\bimport\(|moduleRef/i.test(readFileSync(join(sample, file), 'utf8')),
    );
    expect(late).toEqual([]);
  });
});

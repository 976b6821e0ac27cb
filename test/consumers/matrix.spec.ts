import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

type Bounds = Readonly<Record<'lowest' | 'newest', string>>;
type PackageBounds = Readonly<Record<'lowest' | 'newest', Readonly<Record<string, string>>>>;

const matrix = JSON.parse(read('test/consumers/matrix.json')) as {
  readonly axes: Readonly<Record<string, readonly string[]>>;
  readonly impossible: readonly {
    readonly when: Readonly<Record<string, readonly string[]>>;
    readonly reason: string;
  }[];
  readonly rows: readonly (readonly string[])[];
  readonly quick: readonly (readonly string[])[];
  readonly versions: {
    readonly nest: Readonly<Record<string, PackageBounds>>;
    readonly typeorm: Readonly<Record<string, Bounds>>;
    readonly node: Readonly<Record<string, Bounds>>;
    readonly postgres: Readonly<Record<string, string>>;
    readonly peers: PackageBounds;
  };
};
const manifest = JSON.parse(read('package.json')) as {
  readonly engines: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

const axes = Object.keys(matrix.axes);
type Row = Readonly<Record<string, string>>;

const toRow = (values: readonly string[]): Row => Object.fromEntries(axes.map((axis, index) => [axis, values[index]!]));
const rows = matrix.rows.map(toRow);

/** All combinations of everything. */
const combinations = axes.reduce<Row[]>(
  (partial, axis) => partial.flatMap((row) => matrix.axes[axis]!.map((value) => ({ ...row, [axis]: value }))),
  [{}],
);
const isPossible = (row: Row): boolean =>
  !matrix.impossible.some(({ when }) => Object.entries(when).every(([axis, values]) => values.includes(row[axis]!)));
const pairsOf = (row: Row): string[] =>
  axes.flatMap((one, index) =>
    axes.slice(index + 1).map((other) => `${one} ${row[one]!} with ${other} ${row[other]!}`),
  );

/** How a table reads, however its columns are aligned. */
const plain = (table: string): string => table.replace(/ +/g, ' ').replace(/-+/g, '-');
const from = (versions: Readonly<Record<string, Bounds>>): string =>
  Object.entries(versions)
    .map(([name, { lowest }]) => `${name} (from ${lowest})`)
    .join(', ');

describe('The set-ups in which the packed package is tested', () => {
  it('cover every pair of versions, formats and test runners that is possible', () => {
    const covered = new Set(rows.flatMap(pairsOf));
    const possible = new Set(combinations.filter(isPossible).flatMap(pairsOf));
    expect([...possible].filter((pair) => !covered.has(pair))).toEqual([]);
  });

  it('are possible ones', () => {
    expect([...rows, ...matrix.quick.map(toRow)].filter((row) => !isPossible(row))).toEqual([]);
  });

  it('leave out nothing without a reason', () => {
    const all = new Set(combinations.flatMap(pairsOf));
    const possible = new Set(combinations.filter(isPossible).flatMap(pairsOf));
    expect([...all].filter((pair) => !possible.has(pair))).toEqual(['format esm with runner ts-jest']);
    expect(matrix.impossible.filter(({ reason }) => reason === '')).toEqual([]);
  });

  it('have a short form of two that differ in everything', () => {
    const [one, other] = matrix.quick.map(toRow);
    expect(axes.filter((axis) => one?.[axis] === other?.[axis])).toEqual([]);
  });

  it('begin with the versions package.json begins with', () => {
    const { nest, typeorm, node, peers } = matrix.versions;
    const range = (versions: readonly string[]): string => versions.map((version) => `^${version}`).join(' || ');
    const ofNest = (name: string): string => range(Object.values(nest).map(({ lowest }) => lowest[name]!));
    const names = Object.keys(manifest.peerDependencies);
    const expected = names.map((name) => {
      if (name.startsWith('@nestjs/')) return ofNest(name);
      return name === 'typeorm' ? range(Object.values(typeorm).map(({ lowest }) => lowest)) : `^${peers.lowest[name]!}`;
    });
    const nodes = range(Object.values(node).map(({ lowest }) => lowest)).replace(/\^([^^]*)$/, '>=$1');
    expect([manifest.peerDependencies, manifest.engines]).toEqual([
      Object.fromEntries(names.map((name, index) => [name, expected[index]])),
      { node: nodes },
    ]);
  });

  it('are those of the README', () => {
    const { nest, typeorm, node, postgres, peers } = matrix.versions;
    const nestBounds = Object.fromEntries(
      Object.entries(nest).map(([major, { lowest }]) => [major, { lowest: lowest['@nestjs/core']!, newest: '' }]),
    );
    const lines = [
      `| Node | ${from(node)} |`,
      `| NestJS | ${from(nestBounds)} |`,
      `| TypeORM | ${from(typeorm)} |`,
      `| \`pg\` | 8 (from ${peers.lowest['pg']!}) |`,
      `| PostgreSQL | ${Object.keys(postgres).join(', ')} |`,
      `| Applications | CommonJS, ES modules; both in one |`,
      `| Test runners | Jest in CommonJS mode (ts-jest, @swc/jest), Jest in ES module mode, Vitest |`,
    ];
    expect(plain(read('README.md'))).toContain(plain(['| | works with |', '| --- | --- |', ...lines].join('\n')));
  });
});

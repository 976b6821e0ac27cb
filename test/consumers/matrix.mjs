// The rows of matrix.json with their names.
import { readFileSync } from 'node:fs';

const matrix = JSON.parse(readFileSync(new URL('matrix.json', import.meta.url), 'utf8'));

/** @typedef {{ name: string, nest: string, typeorm: string, format: string, runner: string, node: string, postgres: string, peers: string }} Row */

/** @type {readonly Row[]} */
export const rows = matrix.rows.map(named);
/** Two rows that differ in everything. @type {readonly Row[]} */
export const quickRows = matrix.quick.map(named);

function named(values) {
  const row = Object.fromEntries(Object.keys(matrix.axes).map((axis, index) => [axis, values[index]]));
  const { nest, typeorm, format, runner, node, postgres, peers } = row;
  return { name: `nest${nest}-typeorm${typeorm}-${format}-${runner}-node${node}-postgres${postgres}-${peers}`, ...row };
}

/** The packages an application of this row is made of, beside nestjs-jobs. @param {Row} row */
export function packagesOf({ nest, typeorm, peers }) {
  const { versions } = matrix;
  return {
    dependencies: {
      ...versions.tools,
      ...versions.nest[nest][peers],
      ...versions.peers[peers],
      typeorm: versions.typeorm[typeorm][peers],
    },
    overrides: versions.overrides,
  };
}

/** @param {Row} row */
export function nodeVersionOf({ node, peers }) {
  return matrix.versions.node[node][peers];
}

/** @param {Row} row */
export function postgresPackageVersionOf({ postgres }) {
  return matrix.versions.postgres[postgres];
}

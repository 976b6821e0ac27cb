// Loads the built package as its users do, by `import` and by `require`, through every entry of "exports", and checks
// that one process gets one copy of every class: two copies of an entity or of a DI token would not know each other.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import 'reflect-metadata';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { name, exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const problems = [];
const seen = new Map();

for (const [path, conditions] of Object.entries(entries)) {
  for (const target of targetsOf(conditions)) {
    if (!existsSync(join(root, target))) problems.push(`${path}: ${target} does not exist`);
  }
  if (typeof conditions === 'string') continue;
  const entry = join(name, path);
  compare(entry, await import(entry), require(entry));
  loadAlone(conditions.require.default);
}
checkLoadedOnce();
loadAlone(...Object.values(entries).flatMap((conditions) => conditions.require?.default ?? []));

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}

function compare(entry, imported, required) {
  const names = Object.keys(imported).filter((key) => key !== 'default' && key !== 'module.exports');
  for (const key of new Set([...names, ...Object.keys(required).filter((key) => key !== 'default')])) {
    const [a, b] = [imported[key], required[key]];
    if (a === undefined || b === undefined) problems.push(`${entry}: ${key} is missing in one format`);
    else if (a !== b) problems.push(`${entry}: ${key} exists twice`);
    // What two entries export under one name is one thing.
    if (seen.has(key) && seen.get(key) !== a) problems.push(`${entry}: ${key} is not that of another entry`);
    seen.set(key, a);
  }
  console.log(`${entry}: ${names.length} exports, one copy of each by import and require`);
}

/** Entries share what they are made of: were one of them to get files of the other format, each class would exist twice. */
function checkLoadedOnce() {
  const other = Object.keys(require.cache).filter((file) => file.startsWith(join(root, 'dist', 'cjs')));
  if (other.length > 0) problems.push(`${other.length} files were loaded in both formats, such as ${other[0]}`);
}

/** The CommonJS files, which this Node does not choose by itself but older tools do. */
function loadAlone(...files) {
  const { status } = spawnSync(
    process.execPath,
    ['-r', 'reflect-metadata', '-e', files.map((file) => `require(${JSON.stringify(join(root, file))})`).join(';')],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) problems.push(`${files.join(', ')} cannot be loaded`);
}

function targetsOf(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targetsOf);
}

// Compiles lib/, test/ and sample/ to CommonJS in .build/ (same layout), so that child processes and worker threads
// can be run with plain `node .build/test/…`. No type checking; only files newer than their output are compiled.
import { createRequire } from 'node:module';
import { copyFile, lstat, mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { transformFile } from '@swc/core';

const { typescript } = createRequire(import.meta.url)('./swc-options.cjs');

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const outRoot = join(root, '.build');
const sourceFolders = ['lib', 'test', 'sample'];
const notCopied = /(\.md|\.d\.ts|\.snap)$/;

/** @returns {Promise<{ compiled: number, removed: number, unchanged: number }>} */
export async function compile() {
  await linkTools();
  const result = { compiled: 0, removed: 0, unchanged: 0 };
  // A change of the compiler's options or version must reach every file.
  const floor = Math.max(
    await modifiedAt(join(root, 'tools/swc-options.cjs')),
    await modifiedAt(fileURLToPath(import.meta.url)),
    await modifiedAt(join(root, 'node_modules/@swc/core/package.json')),
  );
  for (const folder of sourceFolders) {
    await compileFolder(folder, floor, result);
  }
  return result;
}

async function compileFolder(folder, floor, result) {
  const sources = (await filesOf(join(root, folder))).filter((file) => !notCopied.test(file));
  const wanted = new Set();
  await Promise.all(
    sources.map(async (source) => {
      const target = join(outRoot, relative(root, source)).replace(/\.ts$/, '.js');
      wanted.add(target);
      wanted.add(`${target}.map`);
      if ((await modifiedAt(target)) >= Math.max(await modifiedAt(source), floor)) {
        result.unchanged++;
        return;
      }
      await mkdir(dirname(target), { recursive: true });
      await (source.endsWith('.ts') ? compileFile(source, target) : copy(source, target));
      result.compiled++;
    }),
  );
  for (const stale of (await filesOf(join(outRoot, folder))).filter(
    (file) => !wanted.has(file) && !file.endsWith('.tmp'),
  )) {
    await rm(stale, { force: true });
    result.removed++;
  }
}

async function compileFile(source, target) {
  const readAt = new Date();
  const { code, map } = await transformFile(source, {
    ...typescript,
    // As the compiler of the build does: the command line loads applications of either format.
    module: { ...typescript.module, ignoreDynamic: true },
    sourceMaps: true,
    sourceFileName: relative(dirname(target), source),
  });
  await replace(`${target}.map`, map);
  await replace(target, `${code}\n//# sourceMappingURL=${basename(target)}.map\n`);
  // Not the time of writing: a source saved while it was being compiled must count as newer.
  await utimes(target, readAt, readAt);
}

async function copy(source, target) {
  const readAt = new Date();
  await copyFile(source, target);
  await utimes(target, readAt, readAt);
}

/** Another process may be reading the old file at this moment: it must never see half of the new one. */
async function replace(file, content) {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

/** Compiled tests may import ../tools/…; the tools are plain JavaScript, so a link is enough. */
async function linkTools() {
  const link = join(outRoot, 'tools');
  await mkdir(outRoot, { recursive: true });
  if (!(await lstat(link).catch(() => undefined))) {
    await symlink(join(root, 'tools'), link, 'junction').catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function modifiedAt(file) {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const started = Date.now();
  const { compiled, removed, unchanged } = await compile();
  console.log(`.build: ${compiled} compiled, ${unchanged} unchanged, ${removed} removed, ${Date.now() - started} ms`);
}

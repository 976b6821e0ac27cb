import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transform } from '@swc/core';
import type { Patch } from './mutant.js';

/** Of the repository, seen from here or from the compiled copy of here. */
export const root = resolve(__dirname, __dirname.includes('.build') ? '../../../..' : '../../..');

/** A copy of the compiled code with some sources changed, for processes to run. */
export class MutatedCode {
  private constructor(readonly folder: string) {}

  /** @throws Error when what a patch replaces is not in its file exactly once: the source has changed, and the mutant is to change with it. */
  static async create(patches: readonly Patch[]): Promise<MutatedCode> {
    const folder = await mkdtemp(join(tmpdir(), 'nestjs-jobs-mutant-'));
    await cp(join(root, '.build'), folder, { recursive: true, filter: (path) => !path.endsWith('.map') });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const byFile = new Map<string, Patch[]>();
    for (const patch of patches) byFile.set(patch.file, [...(byFile.get(patch.file) ?? []), patch]);
    for (const [file, own] of byFile) await compile(folder, file, own);
    return new MutatedCode(folder);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The source of a file with patches applied. */
export async function patched(file: string, patches: readonly Patch[]): Promise<string> {
  let source = await readFile(join(root, file), 'utf8');
  for (const { find, replace } of patches) {
    const times = source.split(find).length - 1;
    if (times !== 1) throw new Error(`${file} has ${times} times what is to be replaced once: ${find}`);
    source = source.replace(find, () => replace);
  }
  return source;
}

async function compile(folder: string, file: string, patches: readonly Patch[]): Promise<void> {
  const { typescript } = createRequire(__filename)('../../../tools/swc-options.cjs') as { readonly typescript: object };
  const { code } = await transform(await patched(file, patches), { ...typescript, filename: file });
  await writeFile(join(folder, file.replace(/\.ts$/, '.js')), code);
}

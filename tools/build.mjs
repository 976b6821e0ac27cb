// Builds lib/ twice: dist/esm and dist/cjs, each with its package.json and type declarations.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** The only source that differs by module format: neither format knows the other's way to name its own folder. */
const threadLocation = 'engine/liveness/thread-location.js';
const esmThreadLocation = `import { fileURLToPath } from 'node:url';
export const threadLocation = fileURLToPath(new URL('./thread/liveness.thread.js', import.meta.url));
`;

await rm(join(root, 'dist'), { recursive: true, force: true });
await Promise.all([build('cjs', 'commonjs'), build('esm', 'module')]);
await replaceThreadLocation();
await checkEsm();

async function build(format, type) {
  const folder = join(root, 'dist', format);
  await compile(`tsconfig.build.${format}.json`);
  await copyAssets(folder);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ type })}\n`);
}

function compile(project) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
    child.once('error', failed);
    child.once('exit', (code) => (code === 0 ? done() : failed(new Error(`tsc -p ${project} failed`))));
  });
}

/** Files the compiler does not know, such as pages of a dashboard. */
async function copyAssets(folder) {
  const lib = join(root, 'lib');
  for (const source of (await filesOf(lib)).filter((file) => !/\.(ts|md)$/.test(file))) {
    const target = join(folder, relative(lib, source));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(source, target);
  }
}

async function replaceThreadLocation() {
  const file = join(root, 'dist/esm', threadLocation);
  const built = await readFile(file, 'utf8').catch(() => undefined);
  if (built === undefined) return;
  if (!built.includes('__dirname')) throw new Error(`${file} is not the source this build expects to replace`);
  await writeFile(file, esmThreadLocation);
  await rm(`${file}.map`, { force: true });
}

/** What the compiler accepts in CommonJS and Node refuses in an ES module. */
async function checkEsm() {
  const problems = [];
  for (const file of (await filesOf(join(root, 'dist/esm'))).filter((name) => name.endsWith('.js'))) {
    const code = await readFile(file, 'utf8');
    const name = relative(root, file);
    if (/^(?!\s*(\/\/|\*|\/\*)).*\b__(dirname|filename)\b/m.test(code))
      problems.push(`${name}: __dirname or __filename`);
    for (const [, path] of code.matchAll(/^\s*(?:import|export)\b[^;]*?['"](\.{1,2}\/[^'"]*)['"]/gm)) {
      if (!/\.(js|json)$/.test(path)) problems.push(`${name}: "${path}" has no .js suffix`);
    }
  }
  if (problems.length > 0) throw new Error(`dist/esm would not run:\n${problems.join('\n')}`);
}

async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

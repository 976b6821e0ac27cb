// An application of one row: the template, and the configuration of its format and its test runner.
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const template = fileURLToPath(new URL('template', import.meta.url));

/** @returns {Promise<string>} folder of the application, beside the packages it uses */
export async function createApplication(row, packages) {
  const folder = join(packages, row.name);
  await rm(folder, { recursive: true, force: true });
  await cp(template, folder, { recursive: true });
  const manifest = { private: true, type: row.format === 'esm' ? 'module' : 'commonjs' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfigOf(row)));
  if (row.runner === 'vitest') await writeFile(join(folder, 'vitest.config.mjs'), vitestConfig);
  else await writeFile(join(folder, 'jest.config.json'), JSON.stringify(jestConfigs[row.runner]));
  return folder;
}

/** How the tests of an application are started. @returns {readonly string[]} arguments of Node */
export function testCommand(row, packages) {
  const modules = join(packages, 'node_modules');
  if (row.runner === 'vitest') return [join(modules, 'vitest/vitest.mjs'), 'run'];
  const jest = [join(modules, 'jest/bin/jest.js'), '--config', 'jest.config.json'];
  // `nest new` starts Jest so since Nest ships ES modules.
  const modulesInJest = row.runner === 'jest-esm' || (row.runner === 'ts-jest' && row.nest === '12');
  return modulesInJest ? ['--experimental-vm-modules', ...jest] : jest;
}

/** As `nest new` has it, with all checks on, those of the declarations in packages too. */
const tsconfigOf = ({ runner }) => ({
  compilerOptions: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'ES2022',
    // Of the one runner alone, so that its `expect` has to know the matchers by itself.
    types: ['node', runner === 'vitest' ? 'vitest/globals' : 'jest'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: false,
    declaration: true,
    rootDir: '.',
    outDir: 'dist',
  },
  include: ['src', 'test'],
});
const jestBase = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};
const swc = (module) => ({
  swcrc: false,
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module,
});
const swcPackage = {
  swcrc: false,
  jsc: { target: 'es2022', keepClassNames: true, parser: { syntax: 'ecmascript' } },
  module: { type: 'commonjs', importInterop: 'node' },
};

const jestConfigs = {
  'ts-jest': { ...jestBase, transform: { '^.+\\.ts$': 'ts-jest' } },
  'swc-jest': {
    ...jestBase,
    transform: {
      '^.+\\.ts$': ['@swc/jest', swc({ type: 'commonjs' })],
      '/node_modules/@nestjs/.+\\.js$': ['@swc/jest', swcPackage],
    },
    transformIgnorePatterns: ['/node_modules/(?!@nestjs/)'],
  },
  'jest-esm': {
    ...jestBase,
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '^.+\\.ts$': ['@swc/jest', swc({ type: 'es6' })] },
  },
};

const vitestConfig = `export default { test: { globals: true, include: ['test/**/*.spec.ts'] } };\n`;

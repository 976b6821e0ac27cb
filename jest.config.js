const { typescript, esmPackage } = require('./tools/swc-options.cjs');

// Packages in node_modules that ship ES modules only; add new ones here.
const esmOnly = '@nestjs/';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/consumers/template/'],
  testTimeout: 120_000,
  maxWorkers: 2,
  globalSetup: '<rootDir>/tools/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/tools/jest/global-teardown.mjs',
  setupFiles: ['<rootDir>/tools/jest/worker-env.cjs'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...typescript, sourceMaps: 'inline' }],
    [`/node_modules/${esmOnly}.+\\.js$`]: ['@swc/jest', esmPackage],
  },
  transformIgnorePatterns: [`/node_modules/(?!${esmOnly})`],
  moduleNameMapper: {
    // A worker thread is started from a file on disk, which Jest's transform does not leave behind.
    '(^|/)thread-location(\\.js)?$': '<rootDir>/tools/jest/thread-location.cjs',
    // Jest cannot `require` a .mjs file; the launcher itself is CommonJS.
    '/tools/embedded-postgres\\.mjs$': '<rootDir>/tools/postgres/launcher.cjs',
    // Only our own sources write "./x.js" for a file that is "./x.ts"; elsewhere this finds "./x.js" again.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['lib/**/*.ts'],
};

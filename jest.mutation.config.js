const base = require('./jest.config.js');

/**
 * For Stryker, which runs Jest again for each mutant: the server is started once around all of it (tools/mutation.mjs), and only specs
 * take part that make databases of their own.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  globalSetup: undefined,
  globalTeardown: undefined,
  setupFiles: [],
  testEnvironment: require.resolve('./tools/jest/first-failure.environment.cjs'),
  // A mutant that waits for ever is to be found out soon.
  testTimeout: 15_000,
};

const base = require('./jest.config.js');

/**
 * The whole suite with coverage and a floor below it. What runs in worker threads and child processes is not counted.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  collectCoverage: true,
  coverageReporters: ['text-summary', 'json-summary', 'html'],
  coverageThreshold: { global: { statements: 85, branches: 80, functions: 80, lines: 85 } },
};

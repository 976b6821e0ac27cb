const { transform, transformIgnorePatterns } = require('../../jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  rootDir: '../../.build/test/children',
  testMatch: ['**/forgetful.suite.js'],
  testTimeout: 120_000,
  transform,
  transformIgnorePatterns,
};

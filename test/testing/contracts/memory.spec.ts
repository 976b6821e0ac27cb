import { memoryFixture } from '../../../lib/testing/index.js';
import { CONTRACTS } from './contracts.js';

describe.each(CONTRACTS)('The contract of the %s, in memory', (_, contract) => {
  for (const { name, run } of contract(async () => memoryFixture())) it(name, run);
});

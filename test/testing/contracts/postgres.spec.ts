import { CONTRACTS } from './contracts.js';
import { PostgresStorage } from './postgres-storage.js';

let storage: PostgresStorage;

beforeAll(async () => {
  storage = await PostgresStorage.create();
});
afterAll(async () => storage.close());

describe.each(CONTRACTS)('The contract of the %s, on PostgreSQL', (_, contract) => {
  for (const { name, run } of contract(() => storage.fixture())) it(name, run);
});

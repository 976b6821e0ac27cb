import { Test } from '@nestjs/testing';
import { JobsModule } from '../../../lib/index.js';
import { jobsMatchers, JobsTesting, JobsTestingModule, MemoryStorage } from '../../../lib/testing/index.js';
import { TestDatabase } from '../../support/test-database.js';
import { HouseUnderTest } from '../support/house-under-test.js';
import { KIT_CASES } from './cases.js';

expect.extend(jobsMatchers);

describe.each(['inline', 'manual', 'recording'] as const)('The kit on PostgreSQL, mode %s', (asked) => {
  let database: TestDatabase;
  let house: HouseUnderTest;

  beforeAll(async () => {
    database = await TestDatabase.create();
    house = await HouseUnderTest.start(asked, database.url);
  });
  afterAll(async () => {
    await house.close();
    await database.drop();
  });
  beforeEach(() => house.reset());

  it.each(KIT_CASES.filter(({ mode }) => mode === asked))('$name', ({ run }) => run(house));
});

describe('The kit in memory', () => {
  it.each(KIT_CASES.filter(({ needsDatabase }) => needsDatabase !== true))('$name', async ({ mode, run }) => {
    const house = await HouseUnderTest.start(mode);
    try {
      await run(house);
    } finally {
      await house.close();
    }
  });

  it('T5: has no transaction to roll back, and tells the remedy', async () => {
    const memory = new MemoryStorage();
    const builder = Test.createTestingModule({
      imports: [memory.typeOrm(), JobsModule.forRoot(), JobsTestingModule.forRoot()],
    });
    const app = await memory.replaceStorage(builder).compile();
    await app.init();
    await expect(app.get(JobsTesting).startTransaction()).rejects.toThrow('give each test a new MemoryStorage');
    await app.close();
  });
});

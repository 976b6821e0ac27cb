import { TestDatabase } from '../support/test-database.js';
import { HouseUnderTest } from './support/house-under-test.js';

/** What a test runner does with its workers, in one of them. */
describe('Workers of a test runner on one database at once', () => {
  const number = process.env['JEST_WORKER_ID'];
  let database: TestDatabase;
  const houses: HouseUnderTest[] = [];

  beforeAll(async () => {
    database = await TestDatabase.create();
    for (const worker of ['1', '2', '3']) {
      process.env['JEST_WORKER_ID'] = worker;
      houses.push(await HouseUnderTest.start('manual', database.url));
    }
  });
  afterAll(async () => {
    process.env['JEST_WORKER_ID'] = number;
    for (const house of houses) await house.close();
    await database.drop();
  });

  it('share no events, jobs or time', async () => {
    await Promise.all(houses.map(({ open }, index) => open(`door ${index}`)));
    houses[1]?.jobs.clock.advance('2d');
    const ran = await Promise.all(houses.map(({ jobs }) => jobs.drain()));
    expect(ran.map((runs) => runs.length)).toEqual([3, 3, 3]);
    expect(houses.map(({ heard }) => heard[0])).toEqual(['lamp door 0', 'lamp door 1', 'lamp door 2']);
    expect(houses.map(({ jobs }) => jobs.emitted().length)).toEqual([2, 2, 2]);
    houses[0]?.jobs.clock.advance('25h');
    const swept = await Promise.all(houses.map(({ jobs }) => jobs.sweep()));
    expect(swept.map(({ expired }) => expired)).toEqual([1, 0, 0]);
  });
});

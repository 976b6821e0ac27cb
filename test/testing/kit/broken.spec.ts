import { jobsMatchers } from '../../../lib/testing/index.js';
import { TestDatabase } from '../../support/test-database.js';
import { HouseUnderTest } from '../support/house-under-test.js';
import type { Break } from './breaks/break.js';
import { clockBreaks } from './breaks/clock.breaks.js';
import { matcherBreaks } from './breaks/matcher.breaks.js';
import { modeBreaks } from './breaks/mode.breaks.js';
import { rollbackBreaks } from './breaks/rollback.breaks.js';
import { Spoiler } from './breaks/spoiler.js';
import { KIT_CASES } from './cases.js';
import type { KitCase } from './kit-case.js';

const BREAKS = [...modeBreaks, ...clockBreaks, ...matcherBreaks, ...rollbackBreaks];

describe('A kit that', () => {
  let database: TestDatabase;
  const spoiler = new Spoiler();

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());
  afterEach(() => {
    spoiler.restore();
    expect.extend(jobsMatchers);
  });

  it.each(BREAKS)('$what is found out', async (broken) => {
    const cases = KIT_CASES.filter(({ name }) => broken.found.test(name));
    expect(cases).not.toEqual([]);
    for (const one of cases) expect(await outcomeOf(one, broken)).toBe(`${one.name}: JestAssertionError`);
  });

  /** What a case throws on the broken kit. */
  async function outcomeOf({ name, mode, run }: KitCase, broken: Break): Promise<string> {
    spoiler.restore();
    broken.before?.(spoiler);
    const house = await HouseUnderTest.start(broken.mode ?? mode, broken.needsDatabase ? database.url : undefined);
    broken.after?.(house, spoiler);
    expect.extend({ ...jobsMatchers, ...broken.matchers });
    try {
      await run(house);
      return `${name}: fulfilled`;
    } catch (error) {
      return `${name}: ${error instanceof Error ? error.constructor.name : String(error)}`;
    } finally {
      await house.close();
    }
  }
});

import { EngineConnection } from '../../lib/engine/database/engine-connection.js';
import { PlanFixture } from './support/plan-fixture.js';

/** Pages of 8 kB that one statement may look at: each row of a window may take four for its event. */
const BUFFERS = 60_000;

/** `npm run test:plans` has fifty times the events and twenty times the rest. */
const IS_LARGE = process.env['PLANS'] === 'large';
const AMOUNTS = IS_LARGE
  ? { events: 10_000_000, deliveries: 1_000_000, deadLetters: 1_000_000, audit: 1_000_000 }
  : { events: 200_000, deliveries: 50_000, deadLetters: 50_000, audit: 50_000 };

describe('The plans of lists and counts', () => {
  let fixture: PlanFixture;

  beforeAll(async () => {
    fixture = await PlanFixture.fill(AMOUNTS);
  }, 3_600_000);
  afterAll(() => fixture.close());
  afterEach(() => jest.restoreAllMocks());

  it('are looked at where there is much', async () => {
    expect(await fixture.app.application.count('jobs_delivery')).toBe(AMOUNTS.deliveries);
  });

  it.each(PlanFixture.QUERIES.map(({ name }) => name))(
    'read %s by an index, sort nothing large and stop',
    async (name) => {
      const statements = await fixture.statementsOf(name, jest.spyOn(EngineConnection.prototype, 'runUnprepared'));
      const plans = await Promise.all(statements.map((statement) => fixture.planOf(statement)));
      expect([
        plans.length > 0,
        plans.flatMap(({ faults }) => faults),
        plans.filter(({ buffers }) => buffers > BUFFERS).map(({ buffers }) => buffers),
      ]).toEqual([true, [], []]);
    },
  );
});

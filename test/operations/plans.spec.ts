import { EngineConnection } from '../../lib/engine/database/engine-connection.js';
import { PlanFixture } from './support/plan-fixture.js';

/** Pages of 8 kB that one statement may look at: each row of a window may take four for its event. */
const BUFFERS = 60_000;

describe('The plans of lists and counts', () => {
  let fixture: PlanFixture;

  beforeAll(async () => {
    fixture = await PlanFixture.fill({ events: 200_000, deliveries: 50_000, deadLetters: 50_000, audit: 50_000 });
  });
  afterAll(() => fixture.close());
  afterEach(() => jest.restoreAllMocks());

  it('are looked at where there is much', async () => {
    expect(await fixture.app.application.count('jobs_delivery')).toBe(50_000);
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

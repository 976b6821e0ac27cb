import { EngineFixture } from '../../support/engine-fixture.js';

describe('Who an event goes to', () => {
  let fixture: EngineFixture;

  beforeAll(async () => {
    fixture = await EngineFixture.create();
  });
  afterAll(() => fixture.close());

  it('is decided by its patterns, also where events of one name have different ones', async () => {
    await fixture.reset({ 'job.requested of one': [1], 'job.requested of other': [2], 'job.requested': [3] });
    for (const type of ['one', 'other', 'third', 'one']) {
      const patterns = ['job.requested', `job.requested of ${type}`];
      await fixture.emit({ ...fixture.input({}, 'job.requested'), patterns });
    }
    const rows = await fixture.rows<{ receivers: number[] }>(
      'select array_agg(receiver order by receiver) as receivers from jobs_delivery group by event_id order by event_id',
    );
    expect(rows.map(({ receivers }) => receivers)).toEqual([[1, 3], [2, 3], [3], [1, 3]]);
  });
});

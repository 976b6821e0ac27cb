import { Injectable } from '@nestjs/common';
import { OnReliableEvent } from '../../lib/index.js';
import { Counted, GroupedProcess } from '../support/grouped-process.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const COUNT = 300;

/** Registers the receiver here, where nothing is run. */
@Injectable()
class Receivers {
  @OnReliableEvent(Counted, { id: 'counted', transactional: { groupCommit: 50 } })
  counted(): void {}
}

describe('A receiver whose deliveries are committed together', () => {
  let database: TestDatabase;
  let application: TestApplication;

  beforeEach(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, { providers: [Receivers], jobs: { worker: false } });
    await application.dataSource.query(
      'create table effect (number int not null, tx bigint not null default txid_current())',
    );
    await application.events.emitMany(Array.from({ length: COUNT }, (_, number) => new Counted(number)));
  });
  afterEach(async () => {
    await application.close();
    await database.drop();
  });

  const effects = async (): Promise<{ runs: number; numbers: number; transactions: number }> => {
    const [row] = await application.dataSource.query<[{ runs: number; numbers: number; transactions: number }]>(
      'select count(*)::int4 as runs, count(distinct number)::int4 as numbers, count(distinct tx)::int4 as transactions from effect',
    );
    return row;
  };

  it('takes effect once for each, although its process was killed in the middle of a group', async () => {
    const killed = new GroupedProcess({ url: database.url, killAtUncommitted: 3 });
    expect(await killed.ended).toBe('SIGKILL');
    expect((await effects()).runs).toBeLessThan(COUNT);

    const other = new GroupedProcess({ url: database.url, killAtUncommitted: null });
    try {
      await until(async () => (await application.count('jobs_delivery')) === 0);
    } finally {
      other.stop();
    }
    expect(await other.ended).toBe(0);

    const { runs, numbers, transactions } = await effects();
    expect([runs, numbers]).toEqual([COUNT, COUNT]);
    expect(transactions).toBeLessThan(COUNT);
    expect(await application.count('jobs_dead_letter')).toBe(0);
  });
});

import { ConnectionApart } from '../../../lib/engine/database/connection-apart.js';
import type { EngineConnection } from '../../../lib/engine/database/engine-connection.js';
import { EngineDatabase } from '../../../lib/engine/database/engine-database.js';
import { TestApplication } from '../../support/test-application.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';

type Transact = <Result>(work: (connection: EngineConnection) => Promise<Result>) => Promise<Result>;

// An error of a connection that nobody hears ends the process, and in a test is a failure of it.
describe('A connection that is lost during a transaction of the engine', () => {
  let database: TestDatabase;
  let app: TestApplication;
  let apart: ConnectionApart;

  beforeAll(async () => {
    database = await TestDatabase.create();
    app = await TestApplication.start(database, { jobs: { worker: false } });
    apart = new ConnectionApart(new EngineDatabase(app.dataSource));
  });
  afterAll(async () => {
    await apart.onApplicationShutdown();
    await app.close();
    await database.drop();
  });

  /** Terminates the connection a transaction is on, and waits until the server has it no more. */
  async function terminate(connection: EngineConnection): Promise<void> {
    const { rows } = await connection.runUnprepared<{ pid: number }>('select pg_backend_pid()::int4 as pid');
    const { pid } = rows[0]!;
    await app.dataSource.query('select pg_terminate_backend($1)', [pid]);
    await until(async () => (await app.count('pg_stat_activity', `pid = ${pid}`)) === 0, 'the end of the connection');
  }

  const transactions: readonly [string, () => Transact][] = [
    ['on a connection of the pool', () => (work) => new EngineDatabase(app.dataSource).transaction(work)],
    ['on the connection beside it', () => (work) => apart.transaction(work)],
  ];

  describe.each(transactions)('%s', (_, transact) => {
    it('in the middle of a statement fails that transaction, and the next one is done', async () => {
      const lost = transact()((connection) =>
        connection.runUnprepared('select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)'),
      );
      await expect(lost).rejects.toThrow('terminating connection');
      const { rows } = await transact()((connection) => connection.runUnprepared('select 1 as one'));
      expect(rows).toEqual([{ one: 1 }]);
    });

    it('between two statements fails that transaction, and the next one is done', async () => {
      const lost = transact()(async (connection) => {
        await terminate(connection);
        await connection.runUnprepared('select 1');
      });
      await expect(lost).rejects.toThrow('onnection');
      const { rows } = await transact()((connection) => connection.runUnprepared('select 1 as one'));
      expect(rows).toEqual([{ one: 1 }]);
    });
  });
});

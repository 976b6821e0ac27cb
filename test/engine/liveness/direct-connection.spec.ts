import { DirectConnection } from '../../../lib/engine/liveness/connection/direct-connection.js';
import { ConnectionLostError } from '../../../lib/engine/liveness/connection/connection-lost.error.js';
import { inTransaction, nothingDone } from '../../../lib/engine/liveness/connection/transaction.js';
import { databaseUrl } from '../../support/test-database.js';

const deadlines = { connect: 2000, statement: 2000 };
const config = { connectionString: databaseUrl() };
const one = { text: 'select 1::text as one' };

describe('DirectConnection', () => {
  const opened: DirectConnection[] = [];

  async function open(): Promise<DirectConnection> {
    const connection = await DirectConnection.open(config, deadlines);
    opened.push(connection);
    return connection;
  }
  afterEach(() => opened.splice(0).forEach((connection) => connection.close()));

  it('tells when the statement was sent that is answered, also with an error', async () => {
    const connection = await open();
    const sent: number[] = [];
    connection.observer = { answered: (at) => sent.push(at) };
    const before = Number(process.hrtime.bigint()) / 1e6;

    await connection.query({ text: 'select pg_sleep(0.05)' });
    await expect(connection.query({ text: 'select 1/0' })).rejects.toThrow('division by zero');

    expect(sent).toHaveLength(2);
    expect(sent[0]! - before).toBeLessThan(sent[1]! - before - 49);
    expect(connection.isOpen).toBe(true);
  });

  it('is given up when a statement is not answered in time, and believes no answer after that', async () => {
    const connection = await open();
    const events: string[] = [];
    connection.observer = { answered: () => events.push('answered'), ended: ({ reason }) => events.push(reason) };

    const late = connection.query({ text: 'select pg_sleep(30)' }, 50);
    const behind = connection.query(one);
    await expect(late).rejects.toThrow(ConnectionLostError);
    await expect(behind).rejects.toThrow(ConnectionLostError);
    await expect(connection.query(one)).rejects.toThrow('no answer within 50 ms');

    expect(events).toEqual(['no answer within 50 ms']);
    expect(connection.lost?.reason).toBe('no answer within 50 ms');
  });

  it('takes an answer that is there already although the deadline passed while nothing could be read', async () => {
    const connection = await open();

    const answer = connection.query<{ one: string }>(one, 50);
    // The statement is written in this turn of the event loop; its answer arrives while that is blocked.
    await new Promise<void>((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);

    expect((await answer).rows).toEqual([{ one: '1' }]);
    expect(connection.isOpen).toBe(true);
  });

  it('ends once when the server ends it, with a statement under way or without', async () => {
    const [idle, busy, killer] = [await open(), await open(), await open()];
    const ends: string[] = [];
    for (const connection of [idle, busy]) connection.observer = { ended: ({ reason }) => ends.push(reason) };
    // Listened for from the start: it may be rejected before the other connection is ended, too.
    const rejected = expect(busy.query({ text: 'select pg_sleep(30)' })).rejects.toThrow('administrator');
    const ended = new Promise((resolve) => (idle.observer = { ended: resolve }));

    for (const { processId } of [idle, busy])
      await killer.query({ text: 'select pg_terminate_backend($1)', values: [processId] });

    await rejected;
    await ended;
    expect(ends).toEqual([expect.stringContaining('administrator')]);
    expect([idle.isOpen, busy.isOpen]).toEqual([false, false]);
  });

  it('leaves no statement waiting when it is closed', async () => {
    const connection = await open();
    const sleeping = connection.query({ text: 'select pg_sleep(30)' });

    connection.close();

    await expect(sleeping).rejects.toThrow('it was closed');
  });

  it('runs pieces of work one after the other', async () => {
    const connection = await open();
    const order: string[] = [];
    const work =
      (name: string, failing = false) =>
      async (): Promise<void> => {
        order.push(`${name} begins`);
        await connection.query(one);
        order.push(`${name} ends`);
        if (failing) throw new Error(name);
      };

    const first = connection.exclusively(work('first', true));
    const second = connection.exclusively(work('second'));
    await expect(first).rejects.toThrow('first');
    await second;

    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  it('keeps what a transaction did unless nothing was to be done or something failed', async () => {
    const connection = await open();
    await connection.query({ text: 'create temporary table kept (value int)' });
    const insert = { text: 'insert into kept values (1)' };

    expect(await inTransaction(connection, 2000, async (client) => (await client.query(insert)).rowCount)).toBe(1);
    const nothing = inTransaction(connection, 2000, async (client): Promise<typeof nothingDone> => {
      await client.query(insert);
      return nothingDone;
    });
    expect(await nothing).toBeUndefined();
    const failing = inTransaction(connection, 2000, async (client) => {
      await client.query(insert);
      await client.query({ text: 'select 1/0' });
    });
    await expect(failing).rejects.toThrow('division by zero');

    const { rows } = await connection.query({ text: 'select count(*)::text as count from kept' });
    expect(rows).toEqual([{ count: '1' }]);
  });
});

// The floor: what somebody writes who knows PostgreSQL well, needs nothing but this, and handles no failure. An event row and a delivery
// row for each receiver, prepared; claims of 1000 by three loops; acknowledgements by the batch.
import pg from 'pg';

import { inTransaction } from './no-queue.mjs';

const LOOPS = 3;
const BATCH = 1000;
const POLL = 2000;

export async function prepare(url) {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`
    create table event (id bigint generated always as identity primary key, name text not null, payload jsonb not null,
      created_at timestamptz not null default now());
    create table delivery (id bigint generated always as identity primary key, event_id bigint not null, receiver int not null,
      run_at timestamptz not null default now(), locked_until timestamptz, attempts int not null default 0);
    create index on delivery (id) where locked_until is null`);
  await client.end();
}

export async function openProducer(url, { connections, receivers, notify }) {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const enqueue = async (connection, payload) => {
    await connection.query(enqueueStatement(payload, receivers));
    if (notify) await connection.query({ name: 'notify', text: `select pg_notify('raw', '')` });
  };
  return {
    transaction: (payment, payload) => inTransaction(pool, payment, payload && ((client) => enqueue(client, payload))),
    enqueue: (payload) => enqueue(pool, payload),
    enqueueMany: (payloads) =>
      pool.query({
        name: 'enqueue_many',
        text: ENQUEUE_MANY,
        values: ['payment.completed', payloads.map((payload) => JSON.stringify(payload)), numbersOf(receivers)],
      }),
    close: () => pool.end(),
  };
}

export async function openWorker(url, { handle, kind }) {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  const listener = new pg.Client(url);
  await listener.connect();
  const wakeUp = new Bell();
  listener.on('notification', () => wakeUp.ring());
  await listener.query('listen raw');
  const settle = kind === 'plain' ? batched(pool, handle) : oneByOne(pool, handle);
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      const { rows } = await pool.query({ name: 'claim', text: CLAIM, values: [BATCH] });
      if (rows.length > 0) await settle(rows);
      else if (!stopped) await wakeUp.wait(POLL);
    }
  };
  const loops = Array.from({ length: LOOPS }, loop);
  return {
    async close() {
      stopped = true;
      wakeUp.ring();
      await Promise.all(loops);
      await listener.end();
      await pool.end();
    },
  };
}

/** An event and its deliveries, prepared. */
export function enqueueStatement(payload, receivers) {
  return {
    name: 'enqueue',
    text: ENQUEUE,
    values: ['payment.completed', JSON.stringify(payload), numbersOf(receivers)],
  };
}

function numbersOf(receivers) {
  return Array.from({ length: receivers }, (_, index) => index + 1);
}

function batched(pool, handle) {
  return async (rows) => {
    await Promise.all(rows.map(async ({ payload }) => handle(payload.n)));
    await pool.query({
      name: 'acknowledge',
      text: 'delete from delivery where id = any ($1::bigint[])',
      values: [rows.map(({ id }) => id)],
    });
  };
}

/** The effect and the acknowledgement in one transaction, a delivery each; three at once for each of the loops. */
function oneByOne(pool, handle) {
  return async (rows) => {
    const waiting = [...rows];
    const lane = async () => {
      for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
        const client = await pool.connect();
        await client.query('begin');
        await client.query({ name: 'effect', text: 'insert into effect (n) values ($1)', values: [row.payload.n] });
        await handle(row.payload.n);
        await client.query({ name: 'done', text: 'delete from delivery where id = $1', values: [row.id] });
        await client.query('commit');
        client.release();
      }
    };
    await Promise.all([lane(), lane(), lane()]);
  };
}

class Bell {
  #ring = () => undefined;

  ring() {
    this.#ring();
  }

  async wait(limit) {
    let timer;
    await new Promise((resolve) => {
      const before = this.#ring;
      this.#ring = () => {
        before();
        resolve();
      };
      timer = setTimeout(resolve, limit);
    });
    clearTimeout(timer);
  }
}

const ENQUEUE = `
with e as (insert into event (name, payload) values ($1, $2) returning id)
insert into delivery (event_id, receiver) select e.id, r from e, unnest($3::int[]) r`;

const ENQUEUE_MANY = `
with e as (insert into event (name, payload) select $1, p from unnest($2::jsonb[]) p returning id)
insert into delivery (event_id, receiver) select e.id, r from e, unnest($3::int[]) r`;

const CLAIM = `
with claimed as (
  update delivery d set locked_until = now() + interval '30 seconds', attempts = attempts + 1
  from (select id from delivery where locked_until is null order by id limit $1 for update skip locked) next where d.id = next.id
  returning d.id, d.event_id)
select claimed.id, event.payload from claimed join event on event.id = claimed.event_id`;

// The business transaction alone, as somebody writes it who uses `pg` itself.
import pg from 'pg';

export async function prepare() {}

export async function openProducer(url, { connections }) {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  return { transaction: (payment) => inTransaction(pool, payment), close: () => pool.end() };
}

/** BEGIN; UPDATE; whatever is enqueued; COMMIT, with prepared statements. */
export async function inTransaction(pool, payment, enqueue) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query({
      name: 'complete',
      text: `update payment set status = 'completed', changes = changes + 1 where id = $1`,
      values: [payment],
    });
    await enqueue?.(client);
    await client.query('commit');
  } finally {
    client.release();
  }
}

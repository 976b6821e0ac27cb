// The floor in the transaction that our users have: TypeORM's, and in it the prepared insert of `raw pg` on the connection below it.
import 'reflect-metadata';
import { DataSource } from 'typeorm';

import { enqueueStatement, prepare } from './raw-pg.mjs';

export { prepare };

export async function openProducer(url, { connections, receivers }) {
  const dataSource = await new DataSource({ type: 'postgres', url, poolSize: connections }).initialize();
  return {
    transaction: (payment, payload) =>
      dataSource.transaction(async (manager) => {
        await manager.query(`update payment set status = 'completed', changes = changes + 1 where id = $1`, [payment]);
        if (payload === undefined) return;
        const client = await manager.queryRunner.connect();
        await client.query(enqueueStatement(payload, receivers));
      }),
    close: () => dataSource.destroy(),
  };
}

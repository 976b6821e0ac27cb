import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

const COUNTS = ['succeeded', 'failed', 'dead', 'interrupted', 'milliseconds'] as const;

/** Adds counts to the present minute, and says how much the worker has in flight. */
export function recordActivityStatement(names: TableNames): Statement {
  const added = COUNTS.map((count) => `${count} = a.${count} + excluded.${count}`).join(', ');
  return statement(
    'record_activity',
    `
with present as (
  update ${names.worker} set in_flight = $2::int where id = $1::int and in_flight <> $2
)
insert into ${names.receiverActivity} as a (receiver, minute, worker, ${COUNTS.join(', ')})
select c.receiver, date_trunc('minute', now() + $9 * interval '1 millisecond'), $1, ${COUNTS.map((count) => `c.${count}`).join(', ')}
from unnest($3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::bigint[]) c(receiver, ${COUNTS.join(', ')})
on conflict (receiver, minute, worker) do update set ${added}`,
  );
}

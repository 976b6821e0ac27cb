import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

/** What became of an event at each receiver it was fanned out to: what has neither delivery nor dead letter is done. */
export function eventStatusStatement(names: TableNames): Statement {
  return statement(
    'event_status',
    `
select e.name as event, extract(epoch from e.created_at)::float8 * 1000 as emitted_at, coalesce(r.name, x.receiver::text) as receiver,
  case when d.worker is not null then 'running' when d.attempts > 0 then 'retrying' when d.ready_xid is not null then 'waiting'
    when d.event_id is not null then 'delayed' when l.id is not null then l.kind when x.receiver is not null then 'delivered' end as state,
  coalesce(d.attempts, l.attempts)::int4 as attempts, l.reason,
  extract(epoch from d.due_at)::float8 * 1000 as due_at
from ${names.event} e
left join unnest(e.receivers) with ordinality x(receiver, position) on true
left join ${names.receiver} r on r.id = x.receiver
left join ${names.delivery} d on d.event_id = e.id and d.receiver = x.receiver
left join lateral (
  select l.id, l.kind, l.attempts, l.reason from ${names.deadLetter} l
  where l.event_id = e.id and l.receiver = x.receiver order by l.id desc limit 1) l on d.event_id is null
where e.id = $1::bigint order by x.position`,
  );
}

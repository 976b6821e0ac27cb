import { PRIORITY_BANDS } from '../../engine/claiming/ready-bounds.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { liveReceivers } from '../processes/process-state.js';

/** A receiver as JSON text, which no type parser of the application's can change. */
export interface OverviewRow {
  readonly receiver: string;
}

/**
 * Receivers behind a name, with how they are doing. All that is looked at of a receiver's deliveries is the beginning of its ready order,
 * in its order: however many there are, no more than a part of an index is read.
 */
export function overviewStatement(names: TableNames): string {
  const clock = `(now() + $4 * interval '1 millisecond')`;
  const waiting = `d.receiver = r.id and d.ready_xid is not null and d.worker is null`;
  const activity = ['succeeded', 'failed', 'dead', 'interrupted', 'milliseconds'];
  return `
with chosen as materialized (
  select * from ${names.receiver} where ($1::text is null or name > $1) and ($2::text is null or name = $2) order by name limit $3
), live as materialized (${liveReceivers(names.worker)}
)
select json_build_object('id', r.name, 'formerNames', r.former_names,
  'subscriptions', (select coalesce(json_agg(json_build_object('pattern', s.pattern, 'version', s.version) order by s.pattern), '[]')
    from ${names.subscription} s where s.receiver = r.id),
  'registeredAt', r.registered_at, 'retired', r.retired_at is not null, 'retiredAt', r.retired_at,
  'paused', r.paused_at is not null, 'pausedAt', r.paused_at, 'pausedBy', r.paused_by, 'concurrency', r.concurrency,
  'processes', have.processes, 'understood', have.version,
  'waiting', backlog.waiting, 'beyond', backlog.beyond,
  'oldestWaiting', (extract(epoch from ${clock} - oldest.since) * 1000)::float8,
  'counts', activity.counts)::text as receiver
from chosen r
cross join lateral (
  select coalesce(json_agg(live.worker::text order by live.worker), '[]') as processes, max(live.version) as version
  from live where live.receiver = r.id) have
cross join lateral (
  select count(*) as waiting, count(*) filter (where d.version > have.version) as beyond from (
    select d.version from ${names.delivery} d where ${waiting}
    order by d.receiver, d.priority, d.ready_xid, d.event_id limit $6 + 1) d) backlog
cross join lateral (
  select min(coalesce(first.ready_at, e.created_at)) as since from generate_series(0, ${PRIORITY_BANDS - 1}) band
  cross join lateral (
    select d.event_id, d.ready_at from ${names.delivery} d where ${waiting} and d.priority = band
    order by d.ready_xid, d.event_id limit 1) first
  join ${names.event} e on e.id = first.event_id) oldest
cross join lateral (
  select json_build_object(${activity.map((count) => `'${count}', coalesce(sum(a.${count}), 0)`).join(', ')}) as counts
  from ${names.receiverActivity} a
  where a.receiver = r.id and a.minute > date_trunc('minute', ${clock}) - $5 * interval '1 minute') activity
order by r.name`;
}

import { type Statement, statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import type { JobTableNames } from '../schema/job-table-names.js';

const SUBJECT = 'j.tenant = $1 and j.type = $2 and j.target_type = $3 and j.target_id = $4';

/** Events are named as actors of what they did; a person may be called anything else. */
const ACTING_EVENT = `case when h.actor ~ '^event:[0-9]{1,18}$' then substr(h.actor, 7)::bigint end`;

/**
 * Reads how the event of id `$5` stands to the jobs of a subject, for one that closes them with the action `$6`; `$7` is the limit and
 * `$8` the offset of the clock, both in milliseconds.
 */
export function standingStatement(names: JobTableNames, { event }: TableNames): Statement {
  return statement(
    'job_event_standing',
    `
select
  exists (select from ${names.job} j join ${names.history} h on h.job_id = j.id
    where ${SUBJECT} and h.action = $6 and ${ACTING_EVENT} >= $5::bigint) as applied,
  exists (select from ${names.job} j join ${event} e on e.id = $5::bigint
    where ${SUBJECT} and j.position < e.id and j.closed_at >= e.created_at) as met,
  exists (select from ${event} e
    where e.id = $5::bigint and e.created_at + $7::float8 * interval '1 millisecond' <= now() + $8::float8 * interval '1 millisecond')
    or exists (select from ${names.remembered} j where ${SUBJECT} and j.event_id > $5::bigint) as stale,
  (select j.id::text from ${names.job} j where ${SUBJECT} and j.position > $5::bigint order by j.position limit 1) as next`,
  );
}

/** Whether the event of id `$5` has requested a job of a subject already. */
export function requestedByStatement(names: JobTableNames): Statement {
  return statement(
    'job_requested_by_event',
    `select exists (select from ${names.job} j join ${names.history} h on h.job_id = j.id
  where ${SUBJECT} and h.action = 'requested' and h.actor = $5) as requested`,
  );
}

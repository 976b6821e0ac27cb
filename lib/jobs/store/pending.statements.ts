import { type Statement, statement } from '../../engine/database/statement.js';
import type { JobTableNames } from '../schema/job-table-names.js';

/**
 * Reads ids of the pending jobs of type `$1`, oldest first, from behind the moment `$2` and the id `$3` on, at most `$4`, and none that was
 * requested less than `$5` milliseconds ago; `$6` is the offset of the clock.
 */
export function pendingStatement(names: JobTableNames): Statement {
  return statement(
    'job_pending',
    `
select j.id::text, j.created_at::text as at from ${names.job} j
where j.status = 'pending' and j.type = $1 and (j.created_at, j.id) > ($2::text::timestamptz, $3::bigint)
  and j.created_at <= now() + ($6::float8 - $5::float8) * interval '1 millisecond'
order by j.created_at, j.id limit $4`,
  );
}

/** Reads the ids of the pending jobs of any type and tenant about one target. */
export function pendingOfTargetStatement(names: JobTableNames): Statement {
  return statement(
    'job_pending_of_target',
    `select j.id::text from ${names.job} j where j.status = 'pending' and j.target_type = $1 and j.target_id = $2 order by j.id`,
  );
}

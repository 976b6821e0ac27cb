import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

/**
 * Everything operators decided about receivers, as one text that is null while they decided nothing: an expression, so that it can ride
 * on a statement that is sent anyway.
 */
export function controlsExpression(names: TableNames): string {
  return `(
  select json_agg(json_build_array(c.id, c.paused_at is not null, c.concurrency) order by c.id)
  from ${names.receiver} c where c.paused_at is not null or c.concurrency is not null)::text`;
}

export function readControlsStatement(names: TableNames): Statement {
  return statement('read_controls', `select ${controlsExpression(names)} as controls`);
}

/** Who paused it first is remembered. */
export function pauseStatement(names: TableNames): Statement {
  return statement(
    'pause_receiver',
    `
update ${names.receiver} set paused_by = case when paused_at is null then $2 else paused_by end,
  paused_at = coalesce(paused_at, now() + $3 * interval '1 millisecond')
where name = $1 returning id::text`,
  );
}

export function resumeStatement(names: TableNames): Statement {
  return statement(
    'resume_receiver',
    `update ${names.receiver} set paused_at = null, paused_by = null where name = $1 returning id::text`,
  );
}

export function setConcurrencyStatement(names: TableNames): Statement {
  return statement(
    'set_concurrency',
    `update ${names.receiver} set concurrency = $2 where name = $1 returning id::text`,
  );
}

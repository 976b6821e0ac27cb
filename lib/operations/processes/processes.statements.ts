import type { TableNames } from '../../engine/schema/table-names.js';
import { processState } from './process-state.js';

/** A process as JSON text, which no type parser of the application's can change. */
export interface ProcessRow {
  readonly process: string;
}

/** Processes from the one that started last on. */
export function processesStatement(names: TableNames): string {
  const state = processState('w');
  return `
select json_build_object('id', w.id::text, 'host', w.host, 'pid', w.pid, 'state', w.state,
  'proof', case w.mode when 'lock' then 'thread' when 'main' then 'main-thread' else 'lease' end,
  'label', w.label, 'packageVersion', w.package_version, 'appVersion', w.app_version,
  'receivers', array(select r.name from ${names.receiver} r where r.id = any (w.receivers) order by r.name),
  'inFlight', case when w.state in ('live', 'silent') then w.in_flight else 0 end,
  'startedAt', w.started_at, 'lastSeenAt', w.seen_at)::text as process
from (
  select w.id, w.host, w.pid, w.mode, w.label, w.package_version, w.app_version, w.receivers, w.in_flight, w.started_at, w.seen_at, ${state} as state
  from ${names.worker} w where ($1::int is null or w.id < $1) and ($2::text is null or ${state} = $2)
  order by w.id desc limit $3) w
order by w.id desc`;
}

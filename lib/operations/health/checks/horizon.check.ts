import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import { escapeForLog } from '../../../engine/text/escape-for-log.js';
import type { HealthCheck } from '../health-check.js';
import type { HealthFinding } from '../health-report.js';
import type { HealthThresholds } from '../health-thresholds.js';
import { spellDuration, spellList } from '../spell.js';

/** A session that keeps dead rows from being vacuumed. */
interface Holder {
  readonly pid: number;
  readonly application: string;
  readonly user: string | null;
  readonly state: string;
  /** How old its transaction is, in milliseconds. */
  readonly age: number;
}

/** Autovacuum is no reader: its own snapshots hold nothing back. */
const HOLDERS = `
select json_build_object('pid', a.pid, 'application', coalesce(a.application_name, ''), 'user', a.usename,
  'state', coalesce(a.state, a.backend_type), 'age', (extract(epoch from clock_timestamp() - a.xact_start) * 1000)::float8)::text as holder
from pg_catalog.pg_stat_activity a
where (a.datname = current_database() or a.backend_type = 'walsender') and a.backend_type <> 'autovacuum worker'
  and (a.backend_xmin is not null or a.backend_xid is not null) and a.pid <> pg_backend_pid()
  and a.xact_start < clock_timestamp() - $1 * interval '1 millisecond'
order by a.xact_start limit 20`;

/** Whether old transactions keep the rows of done deliveries from being cleaned up. */
export class HorizonCheck implements HealthCheck {
  readonly subject = 'old transactions';

  async look(connection: EngineConnection, { heldHorizon }: HealthThresholds): Promise<readonly HealthFinding[]> {
    const { rows } = await connection.runUnprepared<{ holder: string }>(HOLDERS, [heldHorizon]);
    const holders = rows.map(({ holder }) => JSON.parse(holder) as Holder);
    const [oldest] = holders;
    if (oldest === undefined) return [];
    return [
      {
        code: 'horizon-held',
        severity: 'warning',
        message: `A transaction that is ${spellDuration(oldest.age)} old keeps dead rows from being vacuumed: ${spellList(holders.map(describe))}.`,
        remedy:
          'Rows of done deliveries pile up until it ends. Find out what it waits for; end it with select pg_terminate_backend(pid). ' +
          'Against sessions that are left idle in a transaction set idle_in_transaction_session_timeout; long reports belong on a replica.',
        details: { holders },
      },
    ];
  }
}

function describe({ pid, application, state, age }: Holder): string {
  return escapeForLog(`process ${pid} of "${application}" (${state}, ${spellDuration(age)})`);
}

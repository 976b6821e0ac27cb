import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { TableNames } from '../../../engine/schema/table-names.js';
import type { HealthCheck } from '../health-check.js';
import type { HealthFinding } from '../health-report.js';
import type { HealthThresholds } from '../health-thresholds.js';

interface BloatedTable {
  readonly table: string;
  readonly deadRows: number;
  readonly liveRows: number;
  readonly lastVacuum: string | null;
}

const BLOATED = `
select json_build_object('table', s.relname, 'deadRows', s.n_dead_tup, 'liveRows', s.n_live_tup,
  'lastVacuum', greatest(s.last_vacuum, s.last_autovacuum))::text as bloated
from unnest($1::text[]) t(name) join pg_catalog.pg_stat_all_tables s on s.relid = to_regclass(t.name)
where s.n_dead_tup > $2 order by s.n_dead_tup desc`;

/** Whether vacuum keeps up with the deliveries that are done. */
export class DeadRowsCheck implements HealthCheck {
  readonly subject = 'dead rows';

  constructor(private readonly names: TableNames) {}

  async look(connection: EngineConnection, { deadRows }: HealthThresholds): Promise<readonly HealthFinding[]> {
    const { delivery, event, deadLetter } = this.names;
    const values = [[delivery, event, deadLetter], deadRows];
    const { rows } = await connection.runUnprepared<{ bloated: string }>(BLOATED, values);
    return rows.map(({ bloated }) => {
      const table = JSON.parse(bloated) as BloatedTable;
      const last = table.lastVacuum === null ? 'never, as far as is known' : table.lastVacuum;
      return {
        code: 'dead-rows',
        severity: 'warning',
        message: `${table.table} has ${table.deadRows} dead rows beside ${table.liveRows} live ones; it was vacuumed last: ${last}.`,
        remedy:
          'Autovacuum does not come, or cannot clean up: see whether it is switched off, too slow, or kept from it by an old transaction ' +
          '(horizon-held); a "vacuum" by hand helps at once when nothing holds it back.',
        details: { ...table },
      };
    });
  }
}

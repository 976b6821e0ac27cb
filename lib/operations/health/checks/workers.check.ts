import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { TableNames } from '../../../engine/schema/table-names.js';
import { processState } from '../../processes/process-state.js';
import type { HealthCheck } from '../health-check.js';
import type { HealthFinding } from '../health-report.js';

interface Workforce {
  readonly live: number;
  readonly silent: number;
  /** Live ones behind a pooler. */
  readonly leased: number;
  readonly receivers: number;
}

/** Whether anybody works, and hears at once when there is work. */
export class WorkersCheck implements HealthCheck {
  readonly subject = 'the processes that work';
  private readonly text: string;

  /** @param isDeaf whether the worker of this process, when it has one, hears no notifications. */
  constructor(
    names: TableNames,
    private readonly isDeaf: () => boolean,
  ) {
    this.text = `
select json_build_object('live', count(*) filter (where w.state = 'live'), 'silent', count(*) filter (where w.state = 'silent'),
  'leased', count(*) filter (where w.state = 'live' and w.mode = 'lease'),
  'receivers', (select count(*) from ${names.receiver} r where r.retired_at is null))::text as workforce
from (select w.mode, ${processState('w')} as state from ${names.worker} w where w.ended_at is null) w`;
  }

  async look(connection: EngineConnection): Promise<readonly HealthFinding[]> {
    const { rows } = await connection.runUnprepared<{ workforce: string }>(this.text);
    const workforce = JSON.parse(rows[0]?.workforce ?? '{}') as Workforce;
    return [...idle(workforce), ...this.deaf(workforce)];
  }

  private deaf({ live, leased }: Workforce): HealthFinding[] {
    if (leased === 0 && !this.isDeaf()) return [];
    return [
      {
        code: 'notifications-missing',
        severity: 'warning',
        message:
          leased > 0
            ? `${leased} of ${live} processes that work reach the database through a pooler, where notifications do not arrive.`
            : 'This process hears no notifications of others.',
        remedy:
          'They look for work twice a second instead, and the deliveries of one that dies wait for its lease. Give workers a direct ' +
          'connection with the option worker.connection.url, or put up with it.',
        details: { live, leased, thisProcess: this.isDeaf() },
      },
    ];
  }
}

function idle({ live, silent, receivers }: Workforce): HealthFinding[] {
  if (live > 0 || receivers === 0) return [];
  return [
    {
      code: 'no-live-worker',
      severity: 'error',
      message: `No process works on deliveries${silent === 0 ? '' : `; ${silent} gave no sign of life lately`}.`,
      remedy:
        'Start one: a process with JobsModule and without worker: false. If some should be there, look at why they stopped.',
      details: { live, silent, receivers },
    },
  ];
}

import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { HealthCheck } from '../health-check.js';
import type { HealthFinding } from '../health-report.js';
import type { HealthThresholds } from '../health-thresholds.js';
import { spellDuration } from '../spell.js';

/** Whether this process and the database agree on what time it is. */
export class ClockCheck implements HealthCheck {
  readonly subject = 'the clock of the database';

  async look(connection: EngineConnection, { clockDifference }: HealthThresholds): Promise<readonly HealthFinding[]> {
    const sentAt = Date.now();
    const { rows } = await connection.runUnprepared<{ now: string }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8::text as now',
    );
    const answeredAt = Date.now();
    // Nobody knows at which moment between the two it was read.
    const ahead = (sentAt + answeredAt) / 2 - Number(rows[0]?.now);
    const certain = Math.abs(ahead) - (answeredAt - sentAt) / 2;
    if (certain <= clockDifference) return [];
    return [
      {
        code: 'clock-difference',
        severity: 'warning',
        message: `The clock of this process is ${spellDuration(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} the database's.`,
        remedy:
          'Deliveries follow the clock of the database and are not harmed; times that the application computes, such as runAt, are off. ' +
          'Have both hosts synchronise their clocks (NTP).',
        details: { milliseconds: Math.round(ahead) },
      },
    ];
  }
}

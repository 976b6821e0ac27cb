import type { PoolState } from '../../../engine/database/engine-database.js';
import type { HealthFinding } from '../health-report.js';

/** Whether there are connections enough. It asks no database, as it could not when there are none. */
export class PoolCheck {
  /** @param state of the pool at this moment. */
  constructor(private readonly state: () => PoolState) {}

  look(): readonly HealthFinding[] {
    const { size, free, waiting } = this.state();
    const details = { size, free, waiting };
    const findings: HealthFinding[] = [];
    if (size < 2) {
      findings.push({
        code: 'pool-too-small',
        severity: 'warning',
        message: `The pool has ${size === 1 ? 'a single connection' : `${size} connections`}.`,
        remedy:
          'A receiver in a transaction that calls a repository beside it would wait for ever. Raise poolSize of the data source to at least 3.',
        details,
      });
    }
    if (waiting > 0 && free === 0) {
      findings.push({
        code: 'pool-exhausted',
        severity: 'warning',
        message: `All ${size} connections of the pool are taken, and ${waiting} callers wait for one.`,
        remedy:
          'Something holds connections for long, or there are too few: look for transactions around slow calls, lower the concurrency of ' +
          'transactional receivers (worker.transactionalConcurrency), or raise poolSize.',
        details,
      });
    }
    return findings;
  }
}

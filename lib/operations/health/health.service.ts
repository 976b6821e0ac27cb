import type { ConnectionApart } from '../../engine/database/connection-apart.js';
import { storableText } from '../../engine/text/storable-text.js';
import { OperationChecks } from '../operation-checks.js';
import type { PoolCheck } from './checks/pool.check.js';
import type { HealthCheck } from './health-check.js';
import type { HealthFinding, HealthReport } from './health-report.js';
import { HealthLook } from './health-look.js';
import { type HealthOptions, resolveThresholds } from './health-thresholds.js';

/** What there is to look at. */
export interface HealthChecks {
  readonly pool: PoolCheck;
  /** Whether the database answers; without an answer there is nothing else to look at. */
  readonly clock: HealthCheck;
  /** Whether the tables are as they must be; when not, the rest would only fail. */
  readonly schema: HealthCheck;
  readonly others: readonly HealthCheck[];
}

const REASON_LIMIT = 500;

/**
 * Says what is wrong with the deliveries of this application, and what to do about it.
 *
 * A look takes a handful of statements, each limited in time and in what it reads, on a connection beside the pool: it answers also when
 * the pool is exhausted, and when nothing answers.
 *
 * @publicApi
 */
export class Health {
  constructor(
    private readonly open: () => ConnectionApart,
    private readonly checks: HealthChecks,
  ) {}

  /**
   * Looks at everything once. It never rejects because of what it finds.
   *
   * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
   */
  async check(options: HealthOptions = {}): Promise<HealthReport> {
    const thresholds = resolveThresholds(options, new OperationChecks('Health.check'));
    const pool = this.checks.pool.look();
    const beside = this.open();
    const findings = [...pool, ...(await this.lookAtDatabase(new HealthLook(beside, thresholds)))];
    // A connection that does not answer may not end either; nobody waits for it.
    beside.onApplicationShutdown().catch(() => undefined);
    return { status: worstOf(findings), checkedAt: new Date(), findings };
  }

  private async lookAtDatabase(look: HealthLook): Promise<readonly HealthFinding[]> {
    const { clock, schema, others } = this.checks;
    const findings: HealthFinding[] = [];
    try {
      findings.push(...(await look.at(clock)));
      findings.push(...(await look.safelyAt(schema)));
      if (findings.some(({ severity }) => severity === 'error')) return findings;
      for (const check of others) findings.push(...(await look.safelyAt(check)));
    } catch (error) {
      findings.push(unreachable(error));
    }
    return findings;
  }
}

function unreachable(error: unknown): HealthFinding {
  const reason = storableText(error, REASON_LIMIT);
  return {
    code: 'database-unreachable',
    severity: 'error',
    message: `The database does not answer: ${reason}`,
    remedy:
      'Look at whether it runs, whether this host reaches it, and whether it has connections left (max_connections).',
    details: { reason },
  };
}

function worstOf(findings: readonly HealthFinding[]): HealthReport['status'] {
  if (findings.some(({ severity }) => severity === 'error')) return 'error';
  return findings.length === 0 ? 'ok' : 'warning';
}

import type { ConnectionApart } from '../../engine/database/connection-apart.js';
import { storableText } from '../../engine/text/storable-text.js';
import type { HealthCheck } from './health-check.js';
import type { HealthFinding } from './health-report.js';
import type { HealthThresholds } from './health-thresholds.js';

const REASON_LIMIT = 500;

/** The database gave no answer, not even that it takes too long. */
class NoAnswerError extends Error {}

/** One look at the database, check by check. */
export class HealthLook {
  constructor(
    private readonly beside: ConnectionApart,
    private readonly thresholds: HealthThresholds,
  ) {}

  /** What a check finds; rejects when it could not look. */
  async at(check: HealthCheck): Promise<readonly HealthFinding[]> {
    const { timeout } = this.thresholds;
    const looked = this.beside.transaction(async (connection) => {
      await connection.runUnprepared(
        `select set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true)`,
        [String(timeout)],
      );
      return check.look(connection, this.thresholds);
    });
    // Twice the time, so that a server that answers at all is the one who says that something takes too long.
    return answerWithin(looked, 2 * timeout);
  }

  /** The same, where a check that fails is a finding by itself; rejects when nothing answers any more. */
  async safelyAt(check: HealthCheck): Promise<readonly HealthFinding[]> {
    try {
      return await this.at(check);
    } catch (error) {
      if (error instanceof NoAnswerError) throw error;
      return [failed(check.subject, error)];
    }
  }
}

async function answerWithin<Result>(promise: Promise<Result>, limit: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswerError(`no answer within ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(subject: string, error: unknown): HealthFinding {
  const reason = storableText(error, REASON_LIMIT);
  return {
    code: 'check-failed',
    severity: 'warning',
    message: `It could not be found out about ${subject}: ${reason}`,
    remedy:
      'When it took too long, the database is busy, or the look meets many dead rows; try again, or give it more time with timeout.',
    details: { subject, reason },
  };
}

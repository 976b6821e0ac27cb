import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { HealthFinding } from './health-report.js';
import type { HealthThresholds } from './health-thresholds.js';

/** Looks at one thing that can be wrong. */
export interface HealthCheck {
  /** What it looks at, as a message calls it when the look fails. */
  readonly subject: string;
  /** @param connection in a transaction of its own whose statements are limited in time. */
  look(connection: EngineConnection, thresholds: HealthThresholds): Promise<readonly HealthFinding[]>;
}

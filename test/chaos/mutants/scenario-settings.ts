import type { SessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import type { ChaosSettings } from '../chaos-run.js';

/** Waits that production needs and a scenario does not; what keeps the living from being taken for dead stays as it is. */
export const quickTimings: Partial<SessionSettings> = { beat: 300, restartGrace: 1_500 };

/** What scenarios have in common. */
export const scenarioSettings: Omit<ChaosSettings, 'code'> = {
  workers: 2,
  emitters: 1,
  deployment: 'full',
  workloads: ['orders'],
  seed: 7,
  rate: 20,
  poolSize: 10,
  pollInterval: 500,
  shutdownGrace: 500,
  timings: quickTimings,
  drainedWithin: 60_000,
  stuckAfter: 10_000,
  keep: false,
};

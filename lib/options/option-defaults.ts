import { databaseClock } from '../engine/clock/clock.js';

/** Every default of the module, and the only place that knows them. */
export const DEFAULTS = {
  register: true,
  requireTransaction: false,
  unroutedEvents: 'warn',
  limits: { payload: 256 * 1024 },
  retention: '7d',
  migrate: false,
  enhancers: { global: false },
  clock: databaseClock,
  sweep: { every: '30s' },
  worker: { pollInterval: '2s', shutdownGrace: '20s', maxInterruptions: 10, batch: 500, lease: '30s' },
} as const;

import { distance, slowCommits } from './conditions.mjs';
import { crowd } from './crowd.mjs';
import { drain, drainTransactional } from './drain.mjs';
import { drainTwo, drainWork } from './drain-variants.mjs';
import { emit } from './emit.mjs';
import { endurance } from './endurance.mjs';
import { enqueue, enqueueBulk } from './enqueue.mjs';
import { horizon, horizonHeldLong } from './horizon.mjs';
import { idle } from './idle.mjs';
import { jobFigures } from './job-figures.mjs';
import { jobs } from './jobs.mjs';
import { latency } from './latency.mjs';
import { neighbour } from './neighbour.mjs';
import { purge } from './purge.mjs';
import { recovery } from './recovery.mjs';
import { startStop } from './start-stop.mjs';
import { steady } from './steady.mjs';

/** In the order they are run and shown in. */
export const scenarios = [
  emit,
  drain,
  drainTransactional,
  latency,
  steady,
  horizon,
  horizonHeldLong,
  crowd,
  idle,
  endurance,
  enqueue,
  enqueueBulk,
  drainWork,
  drainTwo,
  purge,
  neighbour,
  slowCommits,
  distance,
  startStop,
  jobs,
  jobFigures,
  recovery,
];

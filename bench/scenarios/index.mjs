import { drain, drainTransactional } from './drain.mjs';
import { emit } from './emit.mjs';
import { enqueue, enqueueBulk } from './enqueue.mjs';
import { crowd, horizon } from './flatness.mjs';
import { idle } from './idle.mjs';
import { latency } from './latency.mjs';
import { recovery } from './recovery.mjs';

export const scenarios = [
  emit,
  enqueue,
  enqueueBulk,
  drain,
  drainTransactional,
  latency,
  crowd,
  horizon,
  idle,
  recovery,
];

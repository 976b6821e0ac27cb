import { drain, drainTransactional } from './drain.mjs';
import { emit } from './emit.mjs';

export const scenarios = [emit, drain, drainTransactional];

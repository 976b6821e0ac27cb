import type { Rule } from '../../rule.js';
import { jobsOf } from './job-records.js';

export const expiresInTime: Rule = {
  name: 'jobs expire in time',
  promise: 'No job expires before its time.',
  check(history) {
    return jobsOf(history)
      .filter(({ closeReason, closedAt, expiresAt }) => closeReason === 'expired' && closedAt < expiresAt)
      .map(({ id, expiresAt, closedAt }) => `job ${id} expired ${expiresAt - closedAt} ms before its time`);
  },
};

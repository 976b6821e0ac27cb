import type { MemoryActivity } from '../database/memory-rows.js';

/** Key under which the counts of a receiver in a worker are kept for a minute. */
export function activityKey({ receiver, minute, worker }: Omit<MemoryActivity, 'counts'>): string {
  return `${receiver} ${minute.getTime()} ${worker}`;
}

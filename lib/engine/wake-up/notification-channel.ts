import { createHash } from 'node:crypto';
import type { TableNames } from '../schema/table-names.js';

/** The channel on which processes that share tables wake each other; other schemas of the database have others. */
export function notificationChannel(names: TableNames): string {
  return `nestjs_jobs_${createHash('sha256').update(names.delivery).digest('hex').slice(0, 12)}`;
}

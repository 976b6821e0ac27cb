import { Job } from '../model/job.js';
import { JobHistoryEntry } from '../model/job-history-entry.js';
import type { JobRowText } from './job.statements.js';

const TIMES: ReadonlySet<string> = new Set([
  'claimedAt',
  'claimExpiresAt',
  'startedAt',
  'snoozedUntil',
  'lastRequestedAt',
  'createdAt',
  'updatedAt',
  'dueAt',
  'dueNoticedAt',
  'expiresAt',
  'closedAt',
]);

/** Reads a job from the JSON text the statements answer with. */
export function toJob(row: JobRowText): Job {
  const columns = JSON.parse(row.job) as Record<string, unknown>;
  const job = new Job();
  for (const [column, value] of Object.entries(columns)) {
    const property = column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    Reflect.set(job, property, TIMES.has(property) && typeof value === 'string' ? new Date(value) : value);
  }
  return job;
}

/** An entry of history as JSON text. */
export interface HistoryRowText {
  readonly entry: string;
}

/** Reads an entry of history. */
export function toHistoryEntry({ entry }: HistoryRowText): JobHistoryEntry {
  const { at, ...columns } = JSON.parse(entry) as Omit<JobHistoryEntry, 'at'> & { readonly at: string };
  return Object.assign(new JobHistoryEntry(), columns, { at: new Date(at) });
}

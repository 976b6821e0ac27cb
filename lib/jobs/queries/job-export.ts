import { Readable } from 'node:stream';
import type { Job } from '../model/job.js';
import { csvLine } from './csv-line.js';
import type { JobExportOptions } from './job-query-options.interface.js';

type Cell = string | number | null;

const time = (at: Date | null): Cell => at?.toISOString() ?? null;

const COLUMNS: Readonly<Record<string, (job: Job) => Cell>> = {
  id: ({ id }) => id,
  type: ({ type }) => type,
  status: ({ status }) => status,
  closeReason: ({ closeReason }) => closeReason,
  outcome: ({ outcome }) => outcome,
  targetType: ({ targetType }) => targetType,
  targetId: ({ targetId }) => targetId,
  key: ({ key }) => key,
  tenant: ({ tenant }) => tenant,
  assignee: ({ assignee }) => assignee,
  candidates: ({ candidates }) => candidates.join(' '),
  claimedBy: ({ claimedBy }) => claimedBy,
  priority: ({ priority }) => priority,
  plan: ({ plan }) => plan,
  step: ({ step }) => step,
  tags: ({ tags }) => JSON.stringify(tags),
  requestCount: ({ requestCount }) => requestCount,
  createdBy: ({ createdBy }) => createdBy,
  closedBy: ({ closedBy }) => closedBy,
  createdAt: ({ createdAt }) => time(createdAt),
  updatedAt: ({ updatedAt }) => time(updatedAt),
  lastRequestedAt: ({ lastRequestedAt }) => time(lastRequestedAt),
  dueAt: ({ dueAt }) => time(dueAt),
  expiresAt: ({ expiresAt }) => time(expiresAt),
  claimedAt: ({ claimedAt }) => time(claimedAt),
  startedAt: ({ startedAt }) => time(startedAt),
  snoozedUntil: ({ snoozedUntil }) => time(snoozedUntil),
  waitingOn: ({ waitingOn }) => waitingOn,
  closedAt: ({ closedAt }) => time(closedAt),
  metadata: ({ metadata }) => JSON.stringify(metadata),
  result: ({ result }) => (result === null ? null : JSON.stringify(result)),
};

/** Writes jobs out as they are read; whoever reads slowly makes the database wait, and a page of jobs is all that is in memory. */
export function exportOf(jobs: AsyncIterable<Job>, format: JobExportOptions['format']): Readable {
  return Readable.from(format === 'csv' ? csv(jobs) : ndjson(jobs), { objectMode: false });
}

async function* ndjson(jobs: AsyncIterable<Job>): AsyncGenerator<string> {
  for await (const job of jobs) yield `${JSON.stringify(job)}\n`;
}

async function* csv(jobs: AsyncIterable<Job>): AsyncGenerator<string> {
  yield csvLine(Object.keys(COLUMNS));
  for await (const job of jobs) yield csvLine(Object.values(COLUMNS).map((column) => column(job)));
}

import type { Job } from '../../../jobs/model/job.js';
import { compare, compareIds } from '../engine/memory-order.js';

/** Whether a job is free, meant for one of the principals, asked for, and not put off. */
export function isWanted(
  job: Readonly<Job>,
  principals: readonly string[],
  query: Readonly<Record<string, unknown>>,
  now: Date,
): boolean {
  const { types, tenant, tags, except } = query;
  const isFree = job.claimedBy === null || (job.claimExpiresAt !== null && job.claimExpiresAt <= now);
  const isTheirs =
    job.assignee === null
      ? job.candidates.some((candidate) => principals.includes(candidate))
      : principals.includes(job.assignee);
  return (
    job.status === 'pending' &&
    isFree &&
    isTheirs &&
    (job.snoozedUntil === null || job.snoozedUntil <= now) &&
    job.waitingOn === null &&
    (!isList(types) || types.includes(job.type)) &&
    (typeof tenant !== 'string' || job.tenant === tenant) &&
    (!isList(tags) || tags.every((tag) => job.tags.some((one) => one === tag))) &&
    (!isList(except) || !except.includes(job.id))
  );
}

/** The most urgent first: by priority, then by when it is due, then by age. */
export function nextJobOrder(a: Readonly<Job>, b: Readonly<Job>): number {
  return b.priority - a.priority || compare(dueOf(a), dueOf(b)) || compareIds(a.id, b.id);
}

function dueOf({ dueAt }: Readonly<Job>): number {
  return dueAt?.getTime() ?? Infinity;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

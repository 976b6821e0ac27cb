import type { Job } from '../../../jobs/model/job.js';
import { jobTransitions, type JobTransitionName } from '../../../jobs/store/job-transitions.js';
import { compare, later } from '../engine/memory-order.js';

type Input = Readonly<Record<string, unknown>>;

/** What a transition looks at. */
export interface TransitionContext {
  readonly job: Readonly<Job>;
  readonly input: Input;
  readonly now: Date;
  readonly actor: string;
}

interface MemoryTransition {
  readonly guard: (context: TransitionContext) => boolean;
  readonly set: (context: TransitionContext) => Partial<Job>;
}

const UNCLAIMED: Partial<Job> = { claimedBy: null, claimedAt: null, claimExpiresAt: null };

const isPending = ({ job }: TransitionContext): boolean => job.status === 'pending';
const always = (): boolean => true;

const closing =
  (status: 'completed' | 'cancelled'): MemoryTransition['set'] =>
  ({ job, input, now, actor }) => ({
    status,
    closeReason: (input['closeReason'] ?? null) as Job['closeReason'],
    outcome: textOf(input['outcome']),
    result: input['result'] ?? null,
    metadata: { ...job.metadata, ...(input['metadata'] as Input | null | undefined) },
    closedAt: now > job.createdAt ? now : job.createdAt,
    closedBy: actor,
  });

/** Every change of a job as it is in memory: what must hold, and what is set. What the history keeps of it is the same everywhere. */
export const memoryTransitions: Readonly<Record<JobTransitionName, MemoryTransition>> = {
  repeat: { guard: isPending, set: ({ job, input, now }) => repeated(job, input, now) },
  complete: { guard: isPending, set: closing('completed') },
  cancel: { guard: isPending, set: closing('cancelled') },
  expire: {
    guard: (context) => isPending(context) && hasCome(context, context.job.expiresAt),
    set: closing('cancelled'),
  },
  reopen: {
    guard: (context) => !isPending(context),
    set: ({ job, input, now }) => ({
      status: 'pending',
      closeReason: null,
      outcome: null,
      result: null,
      closedAt: null,
      closedBy: null,
      expiresAt:
        'expiresAt' in input ? momentOf(input['expiresAt']) : isAfter(job.expiresAt, now) ? job.expiresAt : null,
      dueNoticedAt: null,
      ...UNCLAIMED,
    }),
  },
  claim: {
    guard: (context) => {
      const { claimedBy, claimExpiresAt } = context.job;
      return (
        isPending(context) &&
        (claimedBy === null || claimedBy === context.input['by'] || hasCome(context, claimExpiresAt))
      );
    },
    set: ({ input, now }) => ({
      claimedBy: textOf(input['by']),
      claimedAt: now,
      claimExpiresAt: typeof input['lapsesIn'] === 'number' ? later(now, input['lapsesIn']) : null,
    }),
  },
  release: {
    guard: (context) => {
      const { claimedBy } = context.job;
      const by = context.input['by'] ?? null;
      return isPending(context) && claimedBy !== null && (by === null || claimedBy === by);
    },
    set: () => UNCLAIMED,
  },
  lapse: {
    guard: (context) => isPending(context) && hasCome(context, context.job.claimExpiresAt),
    set: () => UNCLAIMED,
  },
  assign: {
    guard: (context) => isPending(context) && context.job.assignee !== textOf(context.input['assignee']),
    set: ({ input }) => ({ assignee: textOf(input['assignee']) }),
  },
  transfer: {
    guard: isPending,
    set: ({ input }) => ({ candidates: textsOf(input['candidates']), assignee: null, ...UNCLAIMED }),
  },
  start: {
    guard: (context) => isPending(context) && context.job.startedAt === null,
    set: ({ now }) => ({ startedAt: now, snoozedUntil: null, waitingOn: null }),
  },
  snooze: {
    guard: isPending,
    set: ({ input, now }) => ({
      snoozedUntil:
        momentOf(input['until']) ?? (typeof input['within'] === 'number' ? later(now, input['within']) : null),
    }),
  },
  wait: { guard: isPending, set: ({ input }) => ({ waitingOn: textOf(input['on']) }) },
  resume: {
    guard: (context) => isPending(context) && (context.job.snoozedUntil !== null || context.job.waitingOn !== null),
    set: () => ({ snoozedUntil: null, waitingOn: null }),
  },
  wake: {
    guard: (context) => isPending(context) && hasCome(context, context.job.snoozedUntil),
    set: () => ({ snoozedUntil: null }),
  },
  setDue: { guard: isPending, set: ({ input }) => ({ dueAt: momentOf(input['at']), dueNoticedAt: null }) },
  setExpiry: { guard: isPending, set: ({ input }) => ({ expiresAt: momentOf(input['at']) }) },
  noticeDue: {
    guard: (context) => isPending(context) && hasCome(context, context.job.dueAt) && context.job.dueNoticedAt === null,
    set: ({ now }) => ({ dueNoticedAt: now }),
  },
  setPriority: { guard: isPending, set: ({ input }) => ({ priority: Number(input['priority']) }) },
  tag: {
    guard: always,
    set: ({ job, input }) => {
      const removed = new Set(textsOf(input['remove']));
      const tags = new Set([...job.tags, ...textsOf(input['add'])]);
      return { tags: [...tags].filter((tag) => !removed.has(tag)).sort(compare) };
    },
  },
  comment: { guard: always, set: () => ({}) },
};

/** What a repeated request does to the open job: it counts, merges metadata or moves times further off; never is as far off as can be. */
export function repeated(job: Readonly<Job>, input: Input, now: Date): Partial<Job> {
  const extend = input['onRepeat'] === 'extend';
  const dueAt = extended(extend, job.dueAt, at(input, 'due', now));
  return {
    requestCount: job.requestCount + 1,
    lastRequestedAt: now > job.lastRequestedAt ? now : job.lastRequestedAt,
    metadata: input['onRepeat'] === 'merge' ? { ...job.metadata, ...(input['metadata'] as Input) } : job.metadata,
    dueNoticedAt: dueAt === job.dueAt ? job.dueNoticedAt : null,
    dueAt,
    expiresAt: extended(extend, job.expiresAt, at(input, 'expires', now)),
  };
}

/** The moment a request gives, be it as such or from now. */
export function at(input: Input, name: 'due' | 'expires', now: Date): Date | null {
  const within = input[`${name}In`];
  return momentOf(input[`${name}At`]) ?? (typeof within === 'number' ? later(now, within) : null);
}

/** What the history keeps of a job, under the names of its columns. */
export function recordedOf(transition: JobTransitionName, job: Readonly<Job>): Readonly<Record<string, unknown>> {
  const { recorded }: { readonly recorded: readonly string[] } = jobTransitions[transition];
  return Object.fromEntries(
    recorded.map((column) => {
      const property = column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const value: unknown = Reflect.get(job, property);
      return [column, value instanceof Date ? value.toISOString() : value];
    }),
  );
}

function extended(extend: boolean, present: Date | null, asked: Date | null): Date | null {
  return extend && present !== null && asked !== null && present < asked ? asked : present;
}

function hasCome({ now }: TransitionContext, moment: Date | null): boolean {
  return moment !== null && moment <= now;
}

function isAfter(moment: Date | null, now: Date): boolean {
  return moment !== null && moment > now;
}

function momentOf(value: unknown): Date | null {
  return typeof value === 'string' ? new Date(value) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

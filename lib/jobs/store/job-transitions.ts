import type { JobAction } from '../model/job-history-entry.js';

/**
 * One way a job changes, as SQL: what must hold, what is set, and which columns the history keeps of before and after.
 *
 * Within `set` and `guard`, `j` is the job and `p.input` the transition's input; `p.clock` is the database's time.
 */
export interface JobTransition {
  readonly action: JobAction;
  readonly guard: string;
  readonly set: string;
  readonly recorded: readonly string[];
}

const PENDING = `j.status = 'pending'`;
const CLOSING = ['status', 'close_reason', 'outcome'] as const;
const CLAIM = ['claimed_by', 'claim_expires_at'] as const;
const UNCLAIMED = 'claimed_by = null, claimed_at = null, claim_expires_at = null';

const closing = (status: 'completed' | 'cancelled'): string => `
  status = '${status}', close_reason = p.input ->> 'closeReason', outcome = p.input ->> 'outcome', result = nullif(p.input -> 'result', 'null'),
  metadata = j.metadata || coalesce(p.input -> 'metadata', '{}'), closed_at = greatest(p.clock, j.created_at), closed_by = p.actor`;

const time = (name: string): string => `(p.input ->> '${name}')::timestamptz`;

/** Where the SQL of a repeated request finds what was asked for. */
interface RepeatedRequest {
  readonly onRepeat: string;
  readonly metadata: string;
  readonly clock: string;
  readonly dueAt: string;
  readonly expiresAt: string;
}

/** What a repeated request does to the open job: it counts, merges metadata or moves times further off; never is as far off as can be. */
export function repeatedSet({ onRepeat, metadata, clock, dueAt, expiresAt }: RepeatedRequest): string {
  const extended = (column: string, at: string): string =>
    `case when ${onRepeat} = 'extend' and j.${column} < ${at} then ${at} else j.${column} end`;
  return `request_count = j.request_count + 1, last_requested_at = greatest(${clock}, j.last_requested_at),
    metadata = case when ${onRepeat} = 'merge' then j.metadata || ${metadata} else j.metadata end,
    due_noticed_at = case when ${onRepeat} = 'extend' and j.due_at < ${dueAt} then null else j.due_noticed_at end,
    due_at = ${extended('due_at', dueAt)}, expires_at = ${extended('expires_at', expiresAt)}`;
}

const momentOf = (name: 'due' | 'expires'): string =>
  `coalesce(${time(`${name}At`)}, p.clock + (p.input ->> '${name}In')::float8 * interval '1 millisecond')`;

/** Every change of a job, each guarded in its one statement: of two that race, one finds its guard broken and changes nothing. */
export const jobTransitions = {
  repeat: {
    action: 'repeated',
    guard: PENDING,
    set: repeatedSet({
      onRepeat: `(p.input ->> 'onRepeat')`,
      metadata: `(p.input -> 'metadata')`,
      clock: 'p.clock',
      dueAt: momentOf('due'),
      expiresAt: momentOf('expires'),
    }),
    recorded: ['request_count', 'due_at', 'expires_at'],
  },
  complete: { action: 'completed', guard: PENDING, set: closing('completed'), recorded: CLOSING },
  cancel: { action: 'cancelled', guard: PENDING, set: closing('cancelled'), recorded: CLOSING },
  expire: {
    action: 'expired',
    guard: `${PENDING} and j.expires_at <= p.clock`,
    set: closing('cancelled'),
    recorded: CLOSING,
  },
  reopen: {
    action: 'reopened',
    guard: `j.status <> 'pending'`,
    set: `status = 'pending', close_reason = null, outcome = null, result = null, closed_at = null, closed_by = null,
      expires_at = case when p.input ? 'expiresAt' then ${time('expiresAt')} when j.expires_at > p.clock then j.expires_at end,
      due_noticed_at = null, ${UNCLAIMED}`,
    recorded: CLOSING,
  },
  claim: {
    action: 'claimed',
    guard: `${PENDING} and (j.claimed_by is null or j.claimed_by = p.input ->> 'by' or j.claim_expires_at <= p.clock)`,
    set: `claimed_by = p.input ->> 'by', claimed_at = p.clock, claim_expires_at = p.clock + (p.input ->> 'lapsesIn')::float8 * interval '1 millisecond'`,
    recorded: CLAIM,
  },
  release: {
    action: 'released',
    guard: `${PENDING} and j.claimed_by is not null and (p.input ->> 'by' is null or j.claimed_by = p.input ->> 'by')`,
    set: UNCLAIMED,
    recorded: CLAIM,
  },
  lapse: {
    action: 'released',
    guard: `${PENDING} and j.claim_expires_at <= p.clock`,
    set: UNCLAIMED,
    recorded: CLAIM,
  },
  assign: {
    action: 'assigned',
    guard: `${PENDING} and j.assignee is distinct from p.input ->> 'assignee'`,
    set: `assignee = p.input ->> 'assignee'`,
    recorded: ['assignee'],
  },
  transfer: {
    action: 'transferred',
    guard: PENDING,
    set: `candidates = array(select jsonb_array_elements_text(p.input -> 'candidates')), assignee = null, ${UNCLAIMED}`,
    recorded: ['assignee', 'candidates', 'claimed_by'],
  },
  start: {
    action: 'started',
    guard: `${PENDING} and j.started_at is null`,
    set: 'started_at = p.clock, snoozed_until = null, waiting_on = null',
    recorded: ['started_at'],
  },
  snooze: {
    action: 'snoozed',
    guard: PENDING,
    set: `snoozed_until = coalesce(${time('until')}, p.clock + (p.input ->> 'within')::float8 * interval '1 millisecond')`,
    recorded: ['snoozed_until'],
  },
  wait: {
    action: 'waiting',
    guard: PENDING,
    set: `waiting_on = p.input ->> 'on'`,
    recorded: ['waiting_on'],
  },
  resume: {
    action: 'resumed',
    guard: `${PENDING} and (j.snoozed_until is not null or j.waiting_on is not null)`,
    set: 'snoozed_until = null, waiting_on = null',
    recorded: ['snoozed_until', 'waiting_on'],
  },
  wake: {
    action: 'resumed',
    guard: `${PENDING} and j.snoozed_until <= p.clock`,
    set: 'snoozed_until = null',
    recorded: ['snoozed_until'],
  },
  setDue: {
    action: 'rescheduled',
    guard: PENDING,
    set: `due_at = ${time('at')}, due_noticed_at = null`,
    recorded: ['due_at'],
  },
  setExpiry: {
    action: 'rescheduled',
    guard: PENDING,
    set: `expires_at = ${time('at')}`,
    recorded: ['expires_at'],
  },
  noticeDue: {
    action: 'due',
    guard: `${PENDING} and j.due_at <= p.clock and j.due_noticed_at is null`,
    set: 'due_noticed_at = p.clock',
    recorded: ['due_noticed_at'],
  },
  setPriority: {
    action: 'prioritised',
    guard: PENDING,
    set: `priority = (p.input ->> 'priority')::smallint`,
    recorded: ['priority'],
  },
  tag: {
    action: 'tagged',
    guard: 'true',
    set: `tags = array(
      select t from (select unnest(j.tags) t union select jsonb_array_elements_text(p.input -> 'add')) all_tags
      where not p.input -> 'remove' ? t order by t)`,
    recorded: ['tags'],
  },
  comment: { action: 'commented', guard: 'true', set: 'type = j.type', recorded: [] },
} as const satisfies Record<string, JobTransition>;

/** Name of a transition. */
export type JobTransitionName = keyof typeof jobTransitions;

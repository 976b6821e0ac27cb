import type { History } from '../../../history/history.js';

/** A job as its table has it. */
export interface JobRecord {
  readonly id: string;
  readonly status: string;
  readonly closeReason: string | null;
  readonly target: string;
  readonly expiresAt: number;
  readonly closedAt: number;
  /** What was done to it, in order. */
  readonly actions: readonly string[];
  /** Facts that were told of it. */
  readonly facts: readonly string[];
}

const CLOSING = ['completed', 'cancelled', 'expired'];

export function jobsOf(history: History): readonly JobRecord[] {
  const actions = new Map<string, string[]>();
  for (const row of [...(history.tables['jobs_job_history'] ?? [])].sort((a, b) => Number(a['id']) - Number(b['id'])))
    append(actions, String(row['job_id']), String(row['action']));
  const facts = new Map<string, string[]>();
  for (const { name, payload } of history.events)
    if (name.startsWith('job.')) append(facts, String(payload['jobId']), name.slice('job.'.length));
  return (history.tables['jobs_job'] ?? []).map((row) => ({
    id: String(row['id']),
    status: String(row['status']),
    closeReason: typeof row['close_reason'] === 'string' ? row['close_reason'] : null,
    target: String(row['target_id']),
    expiresAt: Date.parse(String(row['expires_at'])),
    closedAt: Date.parse(String(row['closed_at'])),
    actions: actions.get(String(row['id'])) ?? [],
    facts: facts.get(String(row['id'])) ?? [],
  }));
}

/** Those of some words that say how a job was closed. */
export function closings(words: readonly string[]): readonly string[] {
  return words.filter((word) => CLOSING.includes(word));
}

function append(lists: Map<string, string[]>, key: string, word: string): void {
  lists.set(key, [...(lists.get(key) ?? []), word]);
}

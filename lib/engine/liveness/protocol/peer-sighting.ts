import type { WorkerMode } from '../session-settings.js';

/** What one look at the table of workers tells of one of them; times in milliseconds, by the server's clock. */
export interface PeerSighting {
  readonly id: number;
  readonly boot: string;
  /** `dead` and `left` workers are seen as long as deliveries of theirs may be left. */
  readonly state: 'live' | 'dead' | 'left';
  readonly mode: WorkerMode;
  readonly proof: number;
  readonly host: string;
  /** Server process that holds its lock; `null` when nobody does. */
  readonly heldBy: number | null;
  /** Since when that process has heard nothing; `null` when we may not see it. */
  readonly silentFor: number | null;
  /** Since when the worker has not said in its row that it lives. */
  readonly unseenFor: number;
  readonly leaseOver: boolean;
  /** Server process that answered this look. */
  readonly backend: number;
}

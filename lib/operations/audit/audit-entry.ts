/**
 * What was done by hand, or by a program in somebody's name.
 *
 * @publicApi
 */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: AuditAction;
  /** What it was done to, such as `delivery:17.3`, `dead-letter:4`, `event:17` or `receiver:order.on-paid`. */
  readonly subject: string;
  readonly reason: string | null;
  /** What else is known of it, such as a filter, a time, or how many were changed. */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Actions of operations.
 *
 * @publicApi
 */
export type AuditAction =
  | 'delivery.retried'
  | 'delivery.rescheduled'
  | 'delivery.discarded'
  | 'dead-letter.redriven'
  | 'dead-letter.discarded'
  | 'dead-letter.pruned'
  | 'event.replayed'
  | 'event.pruned'
  | 'receiver.paused'
  | 'receiver.resumed'
  | 'receiver.retired'
  | 'receiver.concurrency-set';

/** An action as it is recorded. */
export interface AuditRecord {
  readonly actor: string;
  readonly action: AuditAction;
  readonly subject: string;
  readonly reason?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
}

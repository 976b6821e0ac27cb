import type { ClaimedDelivery, ClaimKey } from '../../deliveries/claimed-delivery.js';
import type { ReceiverControl } from '../../receivers/receiver-control.js';
import type { WorkerIdentity } from './worker-identity.js';

/** What a session reports to the main thread, in this order whatever the thread it runs in. */
export interface SessionEvents {
  /** The identity is proven on a connection; also when a proof was asked for. */
  proven(identity: WorkerIdentity, hearsNotifications: boolean): void;
  unproven(): void;
  fenced(): void;
  recovered(deliveries: readonly ClaimedDelivery[]): void;
  wake(): void;
  /** Since the last beat events were written, or a worker has come or gone; or it cannot be told. */
  stirred(): void;
  /** What operators decided about receivers; at first, and whenever it has changed. */
  controls(controls: readonly ReceiverControl[]): void;
  notice(level: 'log' | 'warn' | 'error', message: string): void;
  /** The claims that the worker knows to be its own. */
  held(): Promise<readonly ClaimKey[]>;
}

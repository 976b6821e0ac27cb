import type { EntityManager } from 'typeorm';

/** Name of the plain event of Nest's event emitter. */
export const PLAIN_PAYMENT_COMPLETED = 'demo.payment-completed';

/** What the plain event carries. */
export interface PlainPaymentCompleted {
  readonly paymentId: string;
  /** Of the sender's transaction, when it is sent inside: without it the listener would not see the new status. */
  readonly manager?: EntityManager;
}

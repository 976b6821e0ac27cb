import { RetryDelivery } from './retry-delivery.error.js';

/** Milliseconds until a process that may know better looks at the delivery again. */
const PAUSE = 30_000;

/**
 * A delivery reached a process whose receiver cannot read it, such as one of the previous deploy. It waits, at no attempt, for one that can.
 *
 * @publicApi
 */
export class EventNotUnderstoodError extends RetryDelivery {
  constructor(message: string) {
    super(PAUSE, message);
  }
}

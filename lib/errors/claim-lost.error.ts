import { JobsError } from './jobs.error.js';

/**
 * The delivery belongs to somebody else by now; whatever this run wrote in the delivery's transaction is rolled back.
 *
 * @publicApi
 */
export class ClaimLostError extends JobsError {
  constructor(deliveryId: string) {
    super(`The claim on delivery ${deliveryId} was lost: another worker took it over while this one was away.`);
  }
}

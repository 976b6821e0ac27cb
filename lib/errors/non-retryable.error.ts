import { JobsError } from './jobs.error.js';

/**
 * Thrown by a receiver when further runs would be pointless: the delivery becomes a dead letter at once.
 *
 * @publicApi
 */
export class NonRetryableError extends JobsError {}

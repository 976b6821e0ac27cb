import { JobsError } from './jobs.error.js';

/**
 * Thrown by a receiver to end its delivery without having handled it; the reason is kept.
 *
 * @publicApi
 */
export class DiscardDelivery extends JobsError {}

import { onJob } from './on-job.js';

/**
 * Hears of jobs that were requested: of each once, as repeats of a request count on the open job. One that was done before it was
 * requested is told as completed alone.
 *
 * @publicApi
 */
export const OnJobRequested = onJob('OnJobRequested', 'requested');

/**
 * Hears of jobs that were completed, by whomever or whatever; `closeReason` tells.
 *
 * @publicApi
 */
export const OnJobCompleted = onJob('OnJobCompleted', 'completed');

/**
 * Hears of jobs that were cancelled, skipped or declined, or whose target is gone. Of an expired one it does not hear, although that is
 * cancelled, too: one change is told once, to {@link OnJobExpired}. A method that wants both bears both decorators.
 *
 * @publicApi
 */
export const OnJobCancelled = onJob('OnJobCancelled', 'cancelled');

/**
 * Hears of jobs that were cancelled because their time was over.
 *
 * @publicApi
 */
export const OnJobExpired = onJob('OnJobExpired', 'expired');

/**
 * Hears of jobs that somebody claimed.
 *
 * @publicApi
 */
export const OnJobClaimed = onJob('OnJobClaimed', 'claimed');

/**
 * Hears of jobs that were assigned to somebody else, or to nobody; not of the assignee a job is requested with.
 *
 * @publicApi
 */
export const OnJobAssigned = onJob('OnJobAssigned', 'assigned');

/**
 * Hears of pending jobs whose due time has come, once for each due time.
 *
 * @publicApi
 */
export const OnJobDue = onJob('OnJobDue', 'due');

/**
 * Hears of closed jobs that were opened again.
 *
 * @publicApi
 */
export const OnJobReopened = onJob('OnJobReopened', 'reopened');

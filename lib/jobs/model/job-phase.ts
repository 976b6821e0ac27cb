/** Phases of pending jobs, the first that holds being a job's phase. */
export const JOB_PHASES = ['snoozed', 'waiting', 'started', 'claimed', 'open'] as const;

/**
 * Where a pending job stands: put off until later, waiting for something, begun, claimed, or none of these.
 *
 * @publicApi
 */
export type JobPhase = (typeof JOB_PHASES)[number];

/** Version of the events that tell facts of jobs. */
export const JOB_FACT_VERSION = 1;

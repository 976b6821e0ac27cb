import { JobsError } from './jobs.error.js';

/**
 * The tables or entities this package works on are missing, or not of the version it needs.
 *
 * @publicApi
 */
export class JobsSchemaError extends JobsError {}

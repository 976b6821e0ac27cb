/** Token of the module's options, checked and with their defaults. */
export const JOBS_OPTIONS = Symbol.for('nestjs-jobs:options');

/** The same as the application declares them, before a harness has its say. */
export const DECLARED_JOBS_OPTIONS = Symbol.for('nestjs-jobs:declared-options');

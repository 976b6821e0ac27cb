/** Token of the module's options, checked and with their defaults. */
export const JOBS_OPTIONS = Symbol.for('nestjs-jobs:options');

import type { ChangeOptions, SubjectOptions } from './job-options.interface.js';

/** Names of the options that each change takes. */
export const CHANGE_OPTIONS = ['manager', 'by', 'note'] as const satisfies readonly (keyof ChangeOptions)[];

/** Names of the options by which jobs of a type are found. */
export const SUBJECT_OPTIONS = ['target', 'key', 'tenant'] as const satisfies readonly (keyof SubjectOptions)[];

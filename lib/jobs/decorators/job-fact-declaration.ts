import type { OnReliableEventOptions } from '../../events/on-reliable-event-options.interface.js';
import type { JobFactName } from '../facts/job-fact.js';
import type { JobTypeClass } from '../types/job-type-class.js';

/** What one `@OnJobRequested`, or one of its siblings, says. */
export interface JobFactDeclaration {
  readonly fact: JobFactName;
  /** `undefined` for jobs of every type. */
  readonly type: JobTypeClass | undefined;
  readonly options: OnReliableEventOptions;
}

/** Metadata key of the declarations of a method: a list, as the decorators stack. */
export const JOB_FACT_DECLARATIONS = Symbol.for('nestjs-jobs:job-fact-declarations');

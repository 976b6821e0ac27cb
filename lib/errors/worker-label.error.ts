import { shownValue } from './shown-value.js';
import { JobsError } from './jobs.error.js';

/**
 * Another process that lives is called the same, so people could not tell the two apart.
 *
 * @publicApi
 */
export class WorkerLabelError extends JobsError {
  constructor(
    readonly label: string,
    /** Id of the other process in `Processes`. */
    readonly processId: string,
  ) {
    super(
      `JobsModule: option worker.label is ${shownValue(label)}, which process ${processId} is called, and it lives. ` +
        'Give each process a label of its own, or none.',
    );
  }
}

import { JobsError } from './jobs.error.js';

/**
 * One complaint of a schema.
 *
 * @publicApi
 */
export interface EventSchemaIssue {
  /** Where the value stands, such as `payload.items[3].amount`. */
  readonly path: string;
  readonly message: string;
}

const SHOWN_ISSUES = 5;

/**
 * A payload that its event's schema refuses: at emit nothing was written, at a receiver the handler was not called.
 *
 * @publicApi
 */
export class EventSchemaError extends JobsError {
  /**
   * @param eventName name of the event.
   * @param issues every complaint of the schema; the message shows the first five.
   */
  constructor(
    readonly eventName: string,
    readonly issues: readonly EventSchemaIssue[],
  ) {
    const shown = issues.slice(0, SHOWN_ISSUES).map(({ path, message }) => `${path}: ${message}`);
    const more = issues.length > SHOWN_ISSUES ? ` (and ${issues.length - SHOWN_ISSUES} more)` : '';
    super(`${eventName} does not match its schema: ${shown.join('; ')}${more}`);
  }
}

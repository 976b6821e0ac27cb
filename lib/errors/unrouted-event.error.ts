import { JobsError } from './jobs.error.js';

/**
 * An event has no receiver and `unroutedEvents` is `'refuse'`; nothing was written.
 *
 * @publicApi
 */
export class UnroutedEventError extends JobsError {
  constructor(readonly eventName: string) {
    super(
      `No receiver is registered for "${eventName}". Add one with @OnReliableEvent and start (or register) the process that contains it, ` +
        "or set unroutedEvents: 'warn'.",
    );
  }
}

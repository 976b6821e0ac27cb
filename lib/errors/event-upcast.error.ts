import { JobsError } from './jobs.error.js';

/**
 * An upcaster that did not return a payload.
 *
 * @publicApi
 */
export class EventUpcastError extends JobsError {
  /**
   * @param eventName name of the event.
   * @param fromVersion version of the payload the upcaster was given.
   * @param kind kind of what it returned.
   */
  constructor(
    readonly eventName: string,
    readonly fromVersion: number,
    readonly kind: string,
  ) {
    super(
      `${eventName}: the upcaster from version ${fromVersion} returned ${kind}; it must return the payload of version ${fromVersion + 1}, at once`,
    );
  }
}

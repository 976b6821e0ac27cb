import { EventNotUnderstoodError } from './event-not-understood.error.js';

/**
 * An event stored with a newer version than this process knows.
 *
 * @publicApi
 */
export class UnknownEventVersionError extends EventNotUnderstoodError {
  constructor(
    readonly eventName: string,
    readonly storedVersion: number,
    readonly knownVersion: number,
  ) {
    super(
      `${eventName} was stored with version ${storedVersion}, but this process knows versions up to ${knownVersion}; deploy the newer definition here`,
    );
  }
}

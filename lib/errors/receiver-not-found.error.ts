import { JobsError } from './jobs.error.js';

/**
 * No receiver of that id is registered.
 *
 * @publicApi
 */
export class ReceiverNotFoundError extends JobsError {
  constructor(readonly receiverId: string) {
    super(
      `No receiver ${JSON.stringify(receiverId.slice(0, 200))} is registered. Receivers.list() tells which are; ` +
        'a process that contains it registers it when it starts.',
    );
  }
}

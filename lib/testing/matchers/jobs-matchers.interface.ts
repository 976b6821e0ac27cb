import type { EventOutput, EventReference } from '../../events/definition/event-types.js';
import type { JobTypeClass } from '../../jobs/types/job-type-class.js';
import type { JobExpectation } from '../matching/job-expectation.js';
import type { DeliveredExpectation, EmittedExpectation, Times } from './matcher-options.interface.js';

/**
 * The matchers as they are called. Jest and Vitest know them as soon as `testing` of this package is imported.
 *
 * @publicApi
 */
export interface JobsMatchers<Result> {
  /** An event was emitted in a transaction that has committed; its payload has these fields, among others. */
  toHaveEmitted<Reference extends EventReference>(
    event: Reference,
    payload?: Partial<EventOutput<Reference>>,
    expected?: EmittedExpectation,
  ): Result;
  /** Events were emitted in this order, with whatever others between them. */
  toHaveEmittedInOrder(events: readonly EventReference[]): Result;
  /** A receiver has run for an event, and succeeded unless another outcome is expected. */
  toHaveDelivered<Reference extends EventReference>(
    event: Reference,
    payload?: Partial<EventOutput<Reference>>,
    expected?: DeliveredExpectation,
  ): Result;
  /** A job was requested that was not open already. */
  toHaveRequested(type: JobTypeClass | string, expected?: JobExpectation, times?: Times): Result;
  /** A job was completed, by hand or by what it waited for. */
  toHaveCompleted(type: JobTypeClass | string, expected?: JobExpectation, times?: Times): Result;
}

// Vitest's assertions extend Jest's.
declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way Jest's types are added to
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- the parameters must be those Jest declares
    interface Matchers<R, T = {}> extends JobsMatchers<R> {}
  }
}

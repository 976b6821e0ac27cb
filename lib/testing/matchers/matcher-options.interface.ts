import type { RunOutcome } from '../driver/delivered-run.js';
import type { RecordedEmission } from '../record/recorded-emission.js';

/**
 * How often something is expected.
 *
 * @publicApi
 */
export interface Times {
  /** Exactly so often; at least once when left out. */
  readonly times?: number;
}

/**
 * What an emission must have beside its payload.
 *
 * @publicApi
 */
export interface EmittedExpectation
  extends Times, Partial<Omit<RecordedEmission, 'id' | 'event' | 'payload' | 'headers'>> {
  /** Those among others. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What a delivery must have beside the event's payload.
 *
 * @publicApi
 */
export interface DeliveredExpectation extends Times {
  /** Id of the receiver; any when left out. */
  readonly to?: string;
  /** Default: `succeeded`. */
  readonly outcome?: RunOutcome;
}

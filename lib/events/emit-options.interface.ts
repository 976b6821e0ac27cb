import type { EntityManager } from 'typeorm';
import type { Duration } from '../options/jobs-module-options.interface.js';

/**
 * How one event is emitted.
 *
 * @publicApi
 */
export interface EventOptions {
  /** Time until receivers may run: milliseconds, or a duration such as `'5m'`. Not together with `runAt`. */
  readonly delay?: Duration;
  /** Moment from which receivers may run: a `Date`, or ISO text with its time zone. */
  readonly runAt?: Date | string;
  /**
   * Band the deliveries run in, from 0 (first) to 7 (last). Order within a band is not promised.
   *
   * @default 4
   */
  readonly priority?: number;
  /** What the event is about, at most 255 characters; kept for ordering by key. */
  readonly key?: string;
  /** Emits the event once: another with the same key, name and tenant is not written while the key is taken. */
  readonly dedupeKey?: string | readonly string[];
  /** How long the deduplication key stays taken; the module's `retention` unless given. */
  readonly dedupeWindow?: Duration;
  /** At most 64 texts that accompany the event, 8 KiB in all. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ties the event to a request or process, at most 255 characters. */
  readonly correlationId?: string;
  /** Tenant the event belongs to, at most 255 characters. */
  readonly tenant?: string;
  /** Who sends it, at most 255 characters: receivers may ask for the events of one sender alone. */
  readonly sender?: string;
  /** At most 32 labels of at most 100 characters. */
  readonly tags?: readonly string[];
  /** How long the event is kept after it was emitted, once no delivery refers to it; 0 for personal data. The module's `retention` unless given. */
  readonly retain?: Duration;
}

/**
 * How a call to emit is carried out.
 *
 * @publicApi
 */
export interface EmitOptions extends EventOptions {
  /** Manager whose transaction the events join; without one the module's `transactionManager`, then the data source's own manager. */
  readonly manager?: EntityManager;
  /** Refuses to emit outside a transaction; the module's option of that name unless given. */
  readonly requireTransaction?: boolean;
}

/**
 * What became of an emitted event.
 *
 * @publicApi
 */
export interface EmittedEvent {
  readonly id: string;
  /** `false` when the deduplication key was taken: `id` is that of the event which holds it. */
  readonly created: boolean;
}

/**
 * An event that is still kept.
 *
 * @publicApi
 */
export interface RecordedEvent {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly emittedAt: Date;
  readonly tenant: string | null;
  readonly correlationId: string | null;
  readonly key: string | null;
  readonly tags: readonly string[];
  /** How many receivers it was fanned out to. */
  readonly receivers: number;
}

/**
 * An event with what it carries.
 *
 * @publicApi
 */
export interface EventDetails extends RecordedEvent {
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Until when it is kept at least. */
  readonly retainUntil: Date;
}

/**
 * Which events to list.
 *
 * @publicApi
 */
export interface EventFilter {
  /** Name, or several. */
  readonly event?: string | readonly string[];
  readonly tenant?: string;
  readonly correlationId?: string;
  /** Emitted at this time or later. */
  readonly from?: Date;
  /** Emitted before this time. */
  readonly to?: Date;
}

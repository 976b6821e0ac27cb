/**
 * An event that was emitted in a transaction which has committed.
 *
 * @publicApi
 */
export interface RecordedEmission {
  readonly id: string;
  /** Name of the event. */
  readonly event: string;
  /** The event as its receivers get it: an instance of its class, when it has one. */
  readonly payload: unknown;
  /** How many receivers it was fanned out to. */
  readonly receivers: number;
  /** Milliseconds until it is due; `null` without a delay. */
  readonly delay: number | null;
  /** When it is due, when that was said. */
  readonly runAt: Date | null;
  /** Band, 0 to 7. */
  readonly priority: number;
  readonly key: string | null;
  readonly tenant: string | null;
  readonly correlationId: string | null;
  readonly sender: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

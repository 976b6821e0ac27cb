/** One event as the event store takes it. */
export interface EmitInput {
  readonly name: string;
  readonly version: number;
  readonly patterns: readonly string[];
  readonly payload: string;
  readonly options: EmitInputOptions;
}

/** What a call said beyond name and payload; what it did not say is `undefined`, which the statement reads as null. */
export interface EmitInputOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly correlationId?: string;
  readonly tenant?: string;
  readonly key?: string;
  /** Lane of the key, 0 to 15, to be combined with the receiver's number. */
  readonly keyLane?: number;
  readonly tags?: readonly string[];
  readonly priority: number;
  /** Milliseconds from now until the deliveries are due. */
  readonly delay?: number;
  /** Time at which the deliveries are due, as ISO text. */
  readonly runAt?: string;
  /** Milliseconds from now until the event may be purged. */
  readonly retain: number;
  /** SHA-256 of the deduplication key, as hex. */
  readonly deduplication?: string;
  /** Milliseconds for which the deduplication key stays taken. */
  readonly deduplicationWindow?: number;
}

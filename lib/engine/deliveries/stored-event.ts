/** An event as it lies in its table: the payload still is JSON text, so that every receiver parses a copy of its own. */
export interface StoredEvent {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly correlationId: string | null;
  readonly tenant: string | null;
  readonly key: string | null;
  readonly createdAt: Date;
  /** How many receivers it was fanned out to. */
  readonly deliveries: number;
}

/** An event as a receiver is called with it; one that was sent in process was never stored, and so has no id. */
export interface ReceivedEvent extends Omit<StoredEvent, 'id' | 'deliveries'> {
  readonly id: string | null;
}

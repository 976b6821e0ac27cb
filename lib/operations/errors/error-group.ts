/**
 * What one receiver failed with for the same reason: numbers, uuids and quoted text in the message apart.
 *
 * @publicApi
 */
export interface ErrorGroup {
  readonly receiver: string;
  /** What `errorGroup` of a filter takes. */
  readonly errorGroup: string;
  /** Name of the error; `null` when none led to the end, as when a delivery was interrupted too often. */
  readonly error: string | null;
  /** The message with `#` for numbers and uuids and `…` for quoted text. */
  readonly message: string;
  /** Up to 10,000. */
  readonly count: number;
  readonly capped: boolean;
  /** Of dead letters the first death, of open deliveries the first failure of the one with the oldest event. */
  readonly firstSeen: Date;
  /** Of dead letters the last death, of open deliveries the last failure of the one with the newest event. */
  readonly lastSeen: Date;
}

/** What names one delivery: the event it carries and the number of the receiver it is for. */
export interface DeliveryKey {
  readonly eventId: string;
  readonly receiver: number;
}

/** What names one claim of a delivery, of which there may have been several. */
export interface ClaimKey extends DeliveryKey {
  /** Number of this claim. It only ever grows, and alone fences every acknowledgement, retry and hand-back. */
  readonly claims: number;
}

/** A delivery together with the claim that entitles its holder to run and settle it. */
export interface ClaimedDelivery extends ClaimKey {
  readonly version: number;
  readonly priority: number;
  readonly readyXid: string;
  /** Failures so far. */
  readonly attempts: number;
  /** Deploys and crashes that cut a run short so far; they cost no attempt. */
  readonly interruptions: number;
}

/** The key of a delivery as one string, for maps and logs. */
export function deliveryId(key: DeliveryKey): string {
  return `${key.eventId}.${key.receiver}`;
}

/** The same of one claim of it. */
export function claimId(key: ClaimKey): string {
  return `${deliveryId(key)}.${key.claims}`;
}

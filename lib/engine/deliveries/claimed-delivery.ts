/** What names one delivery: the event it carries and the number of the receiver it is for. */
export interface DeliveryKey {
  readonly eventId: string;
  readonly receiver: number;
}

/** A delivery together with the claim that entitles its holder to run and settle it. */
export interface ClaimedDelivery extends DeliveryKey {
  readonly version: number;
  readonly priority: number;
  readonly readyXid: string;
  /** Number of this claim. It only ever grows, and alone fences every acknowledgement, retry and hand-back. */
  readonly claims: number;
  /** Failures so far. */
  readonly attempts: number;
  /** Deploys and crashes that cut a run short so far; they cost no attempt. */
  readonly interruptions: number;
}

/** The key of a delivery as one string, for maps and logs. */
export function deliveryId(key: DeliveryKey): string {
  return `${key.eventId}.${key.receiver}`;
}

/** The key of one claim of a delivery, of which there may have been several. */
export function claimId(claim: DeliveryKey & Pick<ClaimedDelivery, 'claims'>): string {
  return `${deliveryId(claim)}.${claim.claims}`;
}

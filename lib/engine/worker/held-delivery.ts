import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { Enrolled } from './roster.js';

/**
 * A delivery that this process holds, from the claim to the written outcome. A copy, so that two claims that answer with the same delivery
 * are told apart, and each keeps its place.
 */
export class HeldDelivery implements ClaimedDelivery, Enrolled {
  readonly eventId: string;
  readonly receiver: number;
  readonly version: number;
  readonly priority: number;
  readonly readyXid: string;
  readonly claims: number;
  readonly attempts: number;
  readonly interruptions: number;
  place = -1;

  constructor(claimed: ClaimedDelivery) {
    this.eventId = claimed.eventId;
    this.receiver = claimed.receiver;
    this.version = claimed.version;
    this.priority = claimed.priority;
    this.readyXid = claimed.readyXid;
    this.claims = claimed.claims;
    this.attempts = claimed.attempts;
    this.interruptions = claimed.interruptions;
  }
}

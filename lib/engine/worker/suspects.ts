import { type ClaimedDelivery, deliveryId, type DeliveryKey } from '../deliveries/claimed-delivery.js';

/** Interruptions from which on a delivery is suspected to kill its process. */
const SUSPECT_INTERRUPTIONS = 2;

/**
 * Lets a process hold one delivery at a time that was interrupted often, or once less than is allowed: if the process dies again, that one
 * did it, and those beside it are not given up in its place.
 */
export class Suspects {
  private readonly from: number;
  private held: string | undefined;

  constructor(maxInterruptions: number) {
    this.from = Math.max(1, Math.min(SUSPECT_INTERRUPTIONS, maxInterruptions - 1));
  }

  /** Whether the delivery may be held; a suspect that may is held from now on. */
  mayHold(delivery: ClaimedDelivery): boolean {
    if (delivery.interruptions < this.from) return true;
    const id = deliveryId(delivery);
    this.held ??= id;
    return this.held === id;
  }

  /** The delivery is settled. */
  release(delivery: DeliveryKey): void {
    if (this.held !== undefined && this.held === deliveryId(delivery)) this.held = undefined;
  }

  /** Every claim is lost, but what runs goes on. */
  releaseUnless(runs: (id: string) => boolean): void {
    if (this.held !== undefined && !runs(this.held)) this.held = undefined;
  }
}

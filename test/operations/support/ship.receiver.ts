import { Injectable } from '@nestjs/common';
import { OnReliableEvent, ReliableEvent } from '../../../lib/index.js';

@ReliableEvent('order.paid')
export class OrderPaid {}

/** Whose deliveries and letters are acted on; no worker has it run. */
@Injectable()
export class ShipReceiver {
  @OnReliableEvent(OrderPaid, { id: 'ship' })
  ship(): void {
    // never called
  }
}

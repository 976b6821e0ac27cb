import { Injectable } from '@nestjs/common';
import { OnReliableEvent, ReliableEvent } from '../../../lib/index.js';

@ReliableEvent('order.placed')
export class OrderPlaced {
  constructor(readonly orderId: string) {}
}

@ReliableEvent('invoice.paid')
export class InvoicePaid {
  constructor(readonly invoiceId: string) {}
}

/** Hears of orders in the one data source and of invoices in the other. */
@Injectable()
export class Heard {
  readonly of: string[] = [];

  @OnReliableEvent(OrderPlaced, { id: 'orders' })
  order({ orderId }: OrderPlaced): void {
    this.of.push(orderId);
  }

  @OnReliableEvent(InvoicePaid, { id: 'invoices', dataSource: 'billing' })
  invoice({ invoiceId }: InvoicePaid): void {
    this.of.push(invoiceId);
  }
}

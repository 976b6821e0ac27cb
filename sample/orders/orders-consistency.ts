import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

import type { PaymentStatus } from '../payments/payment-status.js';
import { loadedPayment } from './loaded-payment.js';
import type { OrderStatus } from './order-status.js';
import { Order } from './order.entity.js';

/** An order that contradicts its payment. */
export interface Inconsistency {
  readonly orderId: string;
  readonly orderStatus: OrderStatus;
  readonly orderAmount: number;
  readonly paymentId: string;
  readonly paymentStatus: PaymentStatus;
  readonly paymentAmount: number;
}

const MOST_REPORTED = 100;

/**
 * Looks for what must never be there: an order completed without the money, cancelled in spite of it, or for another amount. An order
 * that still waits although its payment has ended is merely late; `OrdersRepair` sees to those.
 */
@Injectable()
export class OrdersConsistency {
  constructor(private readonly dataSource: DataSource) {}

  async report(): Promise<Inconsistency[]> {
    const orders = await this.dataSource.manager
      .createQueryBuilder(Order, 'o')
      .innerJoinAndSelect('o.payment', 'p')
      .where(`o.status = 'completed' and p.status <> 'succeeded'`)
      .orWhere(`o.status = 'cancelled' and p.status <> 'failed'`)
      .orWhere('o.amount <> p.amount')
      .orderBy('o.id')
      .take(MOST_REPORTED)
      .getMany();
    return orders.map(toInconsistency);
  }
}

function toInconsistency(order: Order): Inconsistency {
  const payment = loadedPayment(order);
  return {
    orderId: order.id,
    orderStatus: order.status,
    orderAmount: order.amount,
    paymentId: payment.id,
    paymentStatus: payment.status,
    paymentAmount: payment.amount,
  };
}

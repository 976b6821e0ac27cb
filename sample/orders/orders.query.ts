import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

import type { PaymentStatus } from '../payments/payment-status.js';
import { checkoutUrl } from '../payments/provider/checkout-url.js';
import { loadedPayment } from './loaded-payment.js';
import type { OrderStatus } from './order-status.js';
import { Order } from './order.entity.js';

/** An order as it is shown to the outside. */
export interface OrderView {
  readonly id: string;
  readonly amount: number;
  readonly status: OrderStatus;
  readonly payment: { readonly id: string; readonly status: PaymentStatus };
  /** Path of the page on which the order is paid. */
  readonly paymentUrl: string;
}

const NEWEST = 20;

/** Reads orders for pages and programs. */
@Injectable()
export class OrdersQuery {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string): Promise<OrderView | null> {
    const order = await this.dataSource.manager.findOne(Order, { where: { id }, relations: { payment: true } });
    return order === null ? null : toView(order);
  }

  /** The newest orders, newest first. */
  async newest(): Promise<OrderView[]> {
    const orders = await this.dataSource.manager.find(Order, {
      relations: { payment: true },
      order: { id: 'DESC' },
      take: NEWEST,
    });
    return orders.map(toView);
  }
}

function toView(order: Order): OrderView {
  const { id, amount, status } = order;
  const payment = loadedPayment(order);
  return {
    id,
    amount,
    status,
    payment: { id: payment.id, status: payment.status },
    paymentUrl: checkoutUrl(payment.id, `/?order=${id}`),
  };
}

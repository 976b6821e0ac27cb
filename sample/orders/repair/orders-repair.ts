import { Injectable } from '@nestjs/common';
import { DataSource, In, MoreThan } from 'typeorm';

import { PAYMENT_OUTCOMES } from '../../payments/payment-status.js';
import { Order } from '../order.entity.js';
import { OrdersService } from '../orders.service.js';

const BATCH = 100;

/**
 * The safety net: finds orders that still wait although their payment has ended, by looking instead of by being told. Too slow and too
 * costly to be the way orders are completed; right for the day somebody deleted the wrong rows.
 */
@Injectable()
export class OrdersRepair {
  constructor(
    private readonly dataSource: DataSource,
    private readonly orders: OrdersService,
  ) {}

  /** Settles late orders, each in a transaction of its own, and yields those that changed. */
  async *run(): AsyncGenerator<Order> {
    let lastId = '0';
    for (;;) {
      const late = await this.late(lastId);
      for (const { id, paymentId } of late) {
        lastId = id;
        const order = await this.settle(id, paymentId);
        if (order !== null) yield order;
      }
      if (late.length < BATCH) return;
    }
  }

  /** Nothing when the order's receiver was faster: then it was late, but not forgotten. */
  private async settle(id: string, paymentId: string): Promise<Order | null> {
    return this.dataSource.transaction(async (manager) => {
      const pending = await manager.findOne(Order, {
        where: { id, status: 'pending_payment' },
        lock: { mode: 'for_no_key_update' },
      });
      return pending === null ? null : this.orders.settle(paymentId, manager);
    });
  }

  private async late(afterId: string): Promise<Order[]> {
    return this.dataSource.manager.find(Order, {
      where: { id: MoreThan(afterId), status: 'pending_payment', payment: { status: In(PAYMENT_OUTCOMES) } },
      order: { id: 'ASC' },
      take: BATCH,
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { DataSource, In, LessThan, MoreThan } from 'typeorm';

import { JobsService } from '../../lib/index.js';
import { Order } from '../orders/order.entity.js';
import { CHASE_AFTER } from './chase-after.token.js';
import { ChasePayment } from './chase-payment.js';

const BATCH = 100;

/** Has support chase orders that stay unpaid. That nothing happened is told by no event, so it looks. */
@Injectable()
export class UnpaidOrders {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: JobsService,
    @Inject(CHASE_AFTER) private readonly chaseAfter: number,
  ) {}

  /** Any number of processes may look at once, and as often as they like: each order is chased once, ever. */
  @Cron(CronExpression.EVERY_MINUTE)
  async chase(): Promise<number> {
    let lastId = '0';
    let requested = 0;
    for (;;) {
      const unpaid = await this.unpaid(lastId);
      requested += await this.request(unpaid);
      const last = unpaid.at(-1);
      if (last === undefined || unpaid.length < BATCH) return requested;
      lastId = last.id;
    }
  }

  /** Looked up again and locked: an order that is paid meanwhile needs no chasing. */
  private async request(ids: readonly Pick<Order, 'id'>[]): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const orders = await manager.find(Order, {
        where: { id: In(ids.map(({ id }) => id)), status: 'pending_payment' },
        lock: { mode: 'for_no_key_update' },
        order: { id: 'ASC' },
      });
      const requests = orders.map(({ id, paymentId, amount }) => ({
        type: ChasePayment,
        target: paymentId,
        metadata: { orderId: id, amount },
        unique: 'ever' as const,
      }));
      const chases = await this.jobs.requestMany(requests, { manager });
      return chases.filter(({ created }) => created).length;
    });
  }

  private async unpaid(afterId: string): Promise<Pick<Order, 'id'>[]> {
    return this.dataSource.manager.find(Order, {
      select: { id: true },
      where: {
        id: MoreThan(afterId),
        status: 'pending_payment',
        createdAt: LessThan(new Date(Date.now() - this.chaseAfter)),
      },
      order: { id: 'ASC' },
      take: BATCH,
    });
  }
}

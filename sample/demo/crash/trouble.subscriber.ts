import { setTimeout as sleep } from 'node:timers/promises';

import type { EntitySubscriberInterface, QueryRunner, UpdateEvent } from 'typeorm';

import { Order } from '../../orders/order.entity.js';
import { Payment } from '../../payments/payment.entity.js';
import type { Trouble } from './trouble.js';

const SLOW = 1000;

interface TransactionEnd {
  readonly queryRunner: QueryRunner;
}

/**
 * Makes trouble at one point of the transactions of this process. TypeORM's own hooks tell when the points are reached, so the code that
 * gets into trouble is the sample's, unchanged.
 */
export class TroubleSubscriber implements EntitySubscriberInterface {
  private readonly endingPayment = new WeakSet<QueryRunner>();
  private readonly settlingOrder = new WeakSet<QueryRunner>();
  private thrown = false;

  /** @param die is called where the process shall be killed, and never returns. */
  constructor(
    private readonly trouble: Trouble,
    private readonly die: () => Promise<never>,
  ) {}

  async afterUpdate({ metadata, queryRunner }: UpdateEvent<unknown>): Promise<void> {
    if (metadata.target === Payment) this.endingPayment.add(queryRunner);
    if (metadata.target !== Order) return;
    this.settlingOrder.add(queryRunner);
    if (this.trouble === 'mid-receiver') await this.die();
    if (this.trouble === 'receiver-slow') await sleep(SLOW);
    if (this.trouble === 'receiver-throws' && !this.thrown) {
      this.thrown = true;
      throw new Error('the receiver has a bad moment');
    }
  }

  async beforeTransactionCommit({ queryRunner }: TransactionEnd): Promise<void> {
    if (this.trouble === 'inside' && this.endingPayment.has(queryRunner)) await this.die();
  }

  async afterTransactionCommit({ queryRunner }: TransactionEnd): Promise<void> {
    if (this.trouble === 'after-commit' && this.endingPayment.has(queryRunner)) await this.die();
    if (this.trouble === 'after-receiver' && this.settlingOrder.has(queryRunner)) await this.die();
  }
}

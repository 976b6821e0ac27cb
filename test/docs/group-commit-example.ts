import { Injectable } from '@nestjs/common';
import { OnReliableEvent, ReliableEvent, type TransactionalContext } from '../../lib/index.js';

@ReliableEvent('payment.completed')
export class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}

@Injectable()
export class Analytics {
  // #region receiver
  @OnReliableEvent(PaymentCompleted, { id: 'analytics.count', transactional: { groupCommit: 50 } })
  async count(event: PaymentCompleted, { manager }: TransactionalContext) {
    await manager.query('insert into paid (payment_id) values ($1)', [event.paymentId]);
  }
  // #endregion
}

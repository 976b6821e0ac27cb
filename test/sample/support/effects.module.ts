import { Injectable, Module } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { type DeliveryContext, OnReliableEvent, type TransactionalContext } from '../../../lib/index.js';
import { PaymentCompleted } from '../../../sample/payments/payment-completed.event.js';

/** Where effects are counted. Nothing in it is unique: one that happened twice shows. */
export const CREATE_EFFECTS = 'create table effect (delivery_id text not null, receiver text not null)';

async function write(manager: EntityManager, { deliveryId, receiverId }: DeliveryContext): Promise<void> {
  await manager.query('insert into effect (delivery_id, receiver) values ($1, $2)', [deliveryId, receiverId]);
}

/** Receivers whose only effect is to be counted, in both kinds of transaction that the acknowledgement is part of. */
@Injectable()
class Effects {
  @OnReliableEvent(PaymentCompleted, { id: 'test.effect', transactional: true })
  async effect(_event: PaymentCompleted, context: TransactionalContext): Promise<void> {
    await write(context.manager, context);
  }

  @OnReliableEvent(PaymentCompleted, { id: 'test.late-effect' })
  async lateEffect(_event: PaymentCompleted, context: DeliveryContext): Promise<void> {
    await context.transaction((manager) => write(manager, context));
  }
}

@Module({ providers: [Effects] })
export class EffectsModule {}

import { Injectable, type Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type DeliveryContext, OnReliableEvent, type TransactionalContext } from '../../../../lib/index.js';
import { RecordedRun } from '../recorded-run.js';
import type { ReceivingStage } from '../workload.js';
import { orderPlacedOf, type OrderTold } from './order-events.js';

/** Faults fail runs beside the planned failures; none of these is to run out of attempts. */
const retry = { attempts: 1_000, backoff: 'fixed', delay: 100 } as const;

/** The receivers of an order as a deployment has them: one that is transactional, one that opens its transaction late, one without. */
export function orderReceivers({ deployment, journal }: ReceivingStage): readonly Provider[] {
  const OrderPlaced = orderPlacedOf(deployment.version);

  const run = (receiver: 'ledger' | 'metrics' | 'mail', event: OrderTold, context: DeliveryContext): RecordedRun => {
    if (deployment.version === 2 && event.revised !== true) throw new Error('An old event was not brought up to date.');
    return new RecordedRun(journal, receiver, event.emission, context, event.parts[receiver]);
  };

  @Injectable()
  class Ledger {
    @OnReliableEvent(OrderPlaced, { id: 'ledger', transactional: true, retry })
    async book(event: OrderTold, context: TransactionalContext): Promise<void> {
      await run('ledger', event, context).play((effect) => effect(context.manager));
    }
  }

  @Injectable()
  class Metrics {
    @OnReliableEvent(OrderPlaced, { id: 'metrics', retry })
    async count(event: OrderTold, context: DeliveryContext): Promise<void> {
      await run('metrics', event, context).play((effect) => context.transaction(effect));
    }
  }

  const mail = deployment.renames ? { id: 'post', aliases: ['mail'] } : { id: 'mail' };

  @Injectable()
  class Mail {
    constructor(private readonly dataSource: DataSource) {}

    @OnReliableEvent(OrderPlaced, { ...mail, retry })
    async send(event: OrderTold, context: DeliveryContext): Promise<void> {
      await run('mail', event, context).play((effect) => effect(this.dataSource));
    }
  }

  return deployment.lacks ? [Ledger, Mail] : [Ledger, Metrics, Mail];
}

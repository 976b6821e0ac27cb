import { type DynamicModule, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';

import { JobsModule } from '../../lib/index.js';
import { OrdersModule } from '../orders/orders.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { CustomerMessage } from './customer-message.entity.js';
import { CustomerMessages } from './customer-messages.js';
import { NaiveOrderListener } from './naive/naive-order.listener.js';
import { NaivePayments } from './naive/naive-payments.js';

/** What differs between the processes of the demo. */
export interface DemoModuleSettings {
  readonly databaseUrl: string;
  readonly worker: boolean;
  readonly synchronize: boolean;
}

/** Payments and orders as they are, beside the naive ways to bring them together. */
@Module({})
export class DemoModule {
  static forRoot({ databaseUrl, worker, synchronize }: DemoModuleSettings): DynamicModule {
    return {
      module: DemoModule,
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, autoLoadEntities: true, synchronize }),
        TypeOrmModule.forFeature([CustomerMessage]),
        JobsModule.forRoot(worker ? {} : { worker: false }),
        EventEmitterModule.forRoot(),
        PaymentsModule,
        OrdersModule,
      ],
      providers: [CustomerMessages, NaivePayments, NaiveOrderListener],
    };
  }
}

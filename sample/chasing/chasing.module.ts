import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { JOB_POLICY } from '../../lib/index.js';
import { Order } from '../orders/order.entity.js';
import { Payment } from '../payments/payment.entity.js';
import { CHASE_AFTER } from './chase-after.token.js';
import { ChasePayment } from './chase-payment.js';
import { ChasesController } from './chases.controller.js';
import { SupportPolicy } from './support.policy.js';
import { UnpaidOrders } from './unpaid-orders.js';

const DAY = 24 * 3_600_000;

/** What support does about orders that are not paid. Neither orders nor payments know of it. */
@Module({
  imports: [TypeOrmModule.forFeature([Order, Payment])],
  controllers: [ChasesController],
  providers: [
    ChasePayment,
    UnpaidOrders,
    { provide: JOB_POLICY, useClass: SupportPolicy },
    { provide: CHASE_AFTER, useValue: DAY },
  ],
})
export class ChasingModule {}

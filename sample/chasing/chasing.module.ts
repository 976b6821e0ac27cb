import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Order } from '../orders/order.entity.js';
import { Payment } from '../payments/payment.entity.js';
import { CHASE_AFTER } from './chase-after.token.js';
import { ChasePayment } from './chase-payment.js';
import { UnpaidOrders } from './unpaid-orders.js';

const DAY = 24 * 3_600_000;

/** What support does about orders that are not paid. Neither orders nor payments know of it. */
@Module({
  imports: [TypeOrmModule.forFeature([Order, Payment])],
  providers: [ChasePayment, UnpaidOrders, { provide: CHASE_AFTER, useValue: DAY }],
})
export class ChasingModule {}

import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { PaymentsModule } from '../payments/payments.module.js';
import { Order } from './order.entity.js';
import { OrdersConsistency } from './orders-consistency.js';
import { OrdersController } from './orders.controller.js';
import { OrdersQuery } from './orders.query.js';
import { OrdersService } from './orders.service.js';
import { OrdersRepair } from './repair/orders-repair.js';

/** The high level: it knows payments, which do not know it. */
@Module({
  imports: [TypeOrmModule.forFeature([Order]), PaymentsModule],
  controllers: [OrdersController],
  providers: [OrdersService, OrdersQuery, OrdersConsistency, OrdersRepair],
  exports: [OrdersService, OrdersRepair, OrdersConsistency],
})
export class OrdersModule {}

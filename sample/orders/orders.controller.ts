import { Body, Controller, Get, NotFoundException, Param, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';

import { ParseIdPipe } from '../http/parse-id.pipe.js';
import { PaymentErrorFilter } from '../payments/payment-error.filter.js';
import { OrderInput } from './order.input.js';
import { type Inconsistency, OrdersConsistency } from './orders-consistency.js';
import { OrdersQuery, type OrderView } from './orders.query.js';
import { OrdersService } from './orders.service.js';

@ApiTags('orders')
@Controller('orders')
@UseFilters(PaymentErrorFilter)
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly query: OrdersQuery,
    private readonly consistency: OrdersConsistency,
  ) {}

  @Post()
  async create(@Body() { amount }: OrderInput): Promise<OrderView> {
    const { id } = await this.orders.create(amount);
    return this.find(id);
  }

  @Get()
  async newest(): Promise<OrderView[]> {
    return this.query.newest();
  }

  @Get('inconsistent')
  async inconsistent(): Promise<Inconsistency[]> {
    return this.consistency.report();
  }

  @Get(':id')
  async find(@Param('id', ParseIdPipe) id: string): Promise<OrderView> {
    const order = await this.query.find(id);
    if (order === null) throw new NotFoundException(`there is no order ${id}`);
    return order;
  }
}

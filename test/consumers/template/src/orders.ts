import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  type DeliveryContext,
  type Job,
  JobsService,
  JobType,
  OnJobCompleted,
  OnJobRequested,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from 'nestjs-jobs';
import { Column, DataSource, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

@Entity('orders')
export class Order {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  status!: string;
}

@Entity('parcels')
export class Parcel {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text', { name: 'order_id' })
  orderId!: string;
}

@ReliableEvent('order.paid')
export class OrderPaid {
  constructor(readonly orderId: string) {}
}

@ReliableEvent('order.shipped')
export class OrderShipped {
  constructor(readonly orderId: string) {}
}

@JobType('order.pack', { target: Order })
export class PackOrder {}

@JobType('order.rate', { target: Order, completeOn: [OrderShipped, (event) => event.orderId] })
export class RateOrder {}

@Injectable()
export class Orders {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
    private readonly jobs: JobsService,
  ) {}

  /** Pays an order; with a problem after everything was written, nothing of it remains. */
  async pay(id: string, problem?: Error): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const order = await manager.save(Order, { id, status: 'paid' });
      await this.events.emit(new OrderPaid(id), { manager });
      const target = Object.assign(new Order(), order);
      await this.jobs.request(PackOrder, { target, manager });
      await this.jobs.request(RateOrder, { target, manager });
      if (problem !== undefined) throw problem;
    });
  }

  async pack(id: string): Promise<void> {
    const target = await this.dataSource.manager.findOneByOrFail(Order, { id });
    await this.jobs.complete(PackOrder, { target });
  }
}

/** What is to be done and what was done, as the receivers heard it. */
@Injectable()
export class Journal {
  readonly lines: string[] = [];

  @OnJobRequested(PackOrder, { id: 'journal.on-requested' })
  requested(job: Job, _context: DeliveryContext): void {
    this.lines.push(`requested ${job.type} ${job.targetId}`);
  }

  @OnJobCompleted(PackOrder, { id: 'journal.on-completed' })
  completed(job: Job, _context: DeliveryContext): void {
    this.lines.push(`completed ${job.type} ${job.targetId}`);
  }

  @OnEvent('order.seen')
  seen(id: string): void {
    this.lines.push(`seen ${id}`);
  }
}

@Injectable()
export class Shipping {
  /** Order on which this process dies. */
  diesOf: string | undefined;

  constructor(private readonly events: ReliableEvents) {}

  @OnReliableEvent(OrderPaid, { id: 'shipping.on-order-paid', transactional: true })
  async ship(event: OrderPaid, { manager }: TransactionalContext): Promise<void> {
    await manager.insert(Parcel, { orderId: event.orderId });
    if (event.orderId === this.diesOf) process.kill(process.pid, 'SIGKILL');
    await this.events.emit(new OrderShipped(event.orderId), { manager });
  }
}

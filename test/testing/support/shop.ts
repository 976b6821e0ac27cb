import { Injectable, Module } from '@nestjs/common';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import {
  type DeliveryContext,
  DiscardDelivery,
  type Job,
  JobsService,
  JobType,
  OnJobRequested,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../../lib/index.js';

@Entity()
export class Payment {
  @PrimaryColumn()
  id: string;

  @Column()
  orderId: string;

  @Column()
  status: string;
}

@Entity()
export class Order {
  @PrimaryColumn()
  id: string;

  @Column()
  status: string;
}

@ReliableEvent('payment.completed')
export class PaymentCompleted {
  constructor(
    readonly paymentId: string,
    readonly orderId: string,
  ) {}
}

@ReliableEvent('order.completed')
export class OrderCompleted {
  constructor(readonly orderId: string) {}
}

@ReliableEvent('payment.reminded')
export class PaymentReminded {
  constructor(readonly paymentId: string) {}
}

@ReliableEvent('order.shipped')
export class OrderShipped {
  constructor(readonly orderId: string) {}
}

@JobType('order.ship', { target: Order, expiresIn: '7d', completeOn: [OrderShipped, (event) => event.orderId] })
export class ShipOrder {}

@JobType('order.review', { target: Order })
export class ReviewOrder {}

/** What receivers did, in the order in which they did it. */
@Injectable()
export class Journal {
  readonly entries: string[] = [];
  /** Thrown by the mailer as often as it says. */
  mailFailures = 0;
}

@Injectable()
export class Payments {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
  ) {}

  async open(id: string, orderId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.save(Order, { id: orderId, status: 'placed' });
      await manager.save(Payment, { id, orderId, status: 'initiated' });
    });
  }

  async complete(id: string, { fail = false } = {}): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const payment = await manager.findOneByOrFail(Payment, { id });
      await this.events.emit(new PaymentCompleted(id, payment.orderId), { manager });
      payment.status = 'succeeded';
      await manager.save(payment);
      if (fail) throw new Error('the provider changed its mind');
    });
  }

  async remindIn(id: string, delay: string): Promise<void> {
    await this.events.emit(new PaymentReminded(id), { delay });
  }
}

@Injectable()
export class Orders {
  constructor(
    private readonly journal: Journal,
    private readonly events: ReliableEvents,
    private readonly jobs: JobsService,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  @OnReliableEvent(PaymentCompleted, { id: 'orders.complete', transactional: true })
  async complete({ paymentId, orderId }: PaymentCompleted, { manager }: TransactionalContext): Promise<void> {
    const payment = await manager.findOneByOrFail(Payment, { id: paymentId });
    if (payment.status !== 'succeeded') throw new DiscardDelivery(`the payment is ${payment.status}`);
    await manager.update(Order, { id: orderId }, { status: 'completed' });
    await this.events.emit(new OrderCompleted(orderId), { manager });
    this.journal.entries.push(`completed ${orderId}`);
  }

  @OnReliableEvent(OrderCompleted, { id: 'orders.review' })
  async review({ orderId }: OrderCompleted): Promise<void> {
    await this.jobs.request(ReviewOrder, { target: orderId });
    this.journal.entries.push(`to be reviewed ${orderId}`);
  }

  async statusOf(id: string): Promise<string | undefined> {
    return (await this.dataSource.manager.findOneBy(Order, { id }))?.status;
  }
}

@Injectable()
export class Mailer {
  constructor(private readonly journal: Journal) {}

  @OnReliableEvent(PaymentCompleted, {
    id: 'mailer.receipt',
    retry: { attempts: 3, delay: '10m', backoff: 'fixed', jitter: 0 },
  })
  async receipt({ paymentId }: PaymentCompleted, { attempt, headers, logger }: DeliveryContext): Promise<void> {
    if (this.journal.mailFailures > 0) {
      this.journal.mailFailures -= 1;
      throw new Error('the mail server is away');
    }
    logger.debug?.('a receipt is sent');
    this.journal.entries.push(`receipt for ${paymentId}, attempt ${attempt}${headers['lang'] ?? ''}`);
  }

  @OnReliableEvent(PaymentReminded, { id: 'mailer.remind' })
  async remind({ paymentId }: PaymentReminded): Promise<void> {
    this.journal.entries.push(`reminder of ${paymentId}`);
  }

  @OnJobRequested(ShipOrder, { id: 'mailer.ship' })
  async ship(job: Job): Promise<void> {
    this.journal.entries.push(`to ship ${job.targetId}`);
  }
}

@Module({
  imports: [TypeOrmModule.forFeature([Order, Payment])],
  providers: [Journal, Payments, Orders, Mailer, ShipOrder, ReviewOrder],
})
export class ShopModule {}

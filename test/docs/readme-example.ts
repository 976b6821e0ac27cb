import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import {
  type DeliveryContext,
  JobsModule,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../lib/index.js';

@Entity()
export class Payment {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text', { default: 'initiated' })
  status!: string;

  succeed(): void {
    this.status = 'succeeded';
  }
}

@Entity()
export class Order {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid')
  paymentId!: string;

  @Column('text', { default: 'pending' })
  status!: string;
}

@Entity()
export class Metric {
  @Column('text', { primary: true })
  name!: string;

  @Column('integer')
  value!: number;
}

@Injectable()
export class Rates {
  fetch(): Promise<number> {
    return Promise.resolve(2);
  }
}

// #region event
@ReliableEvent('payment.completed') // says what happened, never what should be done about it
export class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}
// #endregion

// #region emit
@Injectable()
export class Payments {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
  ) {}

  async succeed(payment: Payment): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      payment.succeed();
      await manager.save(payment);
      await this.events.emit(new PaymentCompleted(payment.id), { manager }); // same transaction, or nothing
    });
  }
}
// #endregion

// #region receive
@Injectable()
export class Receivers {
  constructor(private readonly rates: Rates) {}

  @OnReliableEvent(PaymentCompleted, { id: 'order.on-payment-completed', transactional: true })
  async completeOrder(event: PaymentCompleted, { manager }: TransactionalContext): Promise<void> {
    // commits together with the acknowledgement: its effect happens once
    await manager.update(Order, { paymentId: event.paymentId }, { status: 'completed' });
  }

  @OnReliableEvent(PaymentCompleted, { id: 'analytics.on-payment-completed', retry: { attempts: 8 }, timeout: '30s' })
  async count(_event: PaymentCompleted, context: DeliveryContext): Promise<void> {
    const rate = await this.rates.fetch(); // the outside world first, no transaction open
    await context.transaction((manager) => manager.increment(Metric, { name: 'paid' }, 'value', rate));
  }
}
// #endregion

// #region module
@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      autoLoadEntities: true,
      synchronize: true,
    }),
    TypeOrmModule.forFeature([Payment, Order, Metric]),
    JobsModule.forRoot(),
  ],
  providers: [Payments, Receivers, Rates],
})
export class AppModule {}
// #endregion

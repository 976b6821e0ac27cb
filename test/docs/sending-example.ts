import { Injectable, Module } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import {
  InProcessEvents,
  JobsModule,
  OnReliableEvent,
  type ReceiverAnswer,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../lib/index.js';

@Entity()
export class Order {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid')
  paymentId!: string;

  @Column('text', { default: 'pending' })
  status!: string;
}

@Injectable()
export class Pages {
  readonly refreshed: string[] = [];

  refresh(paymentId: string): void {
    this.refreshed.push(paymentId);
  }
}

@ReliableEvent('file.stored')
export class FileStored {
  constructor(readonly path: string) {}
}

// #region receiver
@ReliableEvent('payment.completed')
export class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}

@Injectable()
export class Receivers {
  @OnReliableEvent(PaymentCompleted, { id: 'order.on-payment-completed', transactional: true })
  async completeOrder(event: PaymentCompleted, { manager }: TransactionalContext): Promise<void> {
    await manager.update(Order, { paymentId: event.paymentId }, { status: 'completed' });
  }
}
// #endregion

@Injectable()
export class Scanner {
  readonly scanned: string[] = [];

  // #region sender
  @OnReliableEvent(FileStored, { id: 'scan', sender: 'uploads' })
  // #endregion
  scan({ path }: FileStored): void {
    this.scanned.push(path);
  }
}

@Injectable()
export class PlainListener {
  readonly heard: string[] = [];

  @OnEvent('payment.completed')
  hear({ paymentId }: PaymentCompleted): void {
    this.heard.push(paymentId);
  }
}

@Injectable()
export class Payments {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
    private readonly inProcess: InProcessEvents,
    private readonly pages: Pages,
  ) {}

  async complete(payment: { readonly id: string }): Promise<readonly ReceiverAnswer[]> {
    const all: ReceiverAnswer[] = [];
    // #region ways
    await this.dataSource.transaction(async (manager) => {
      const event = new PaymentCompleted(payment.id);
      await this.inProcess.send(event, { manager }); // now, and what a receiver throws is thrown here
      const answers = await this.inProcess.sendRobust(event, { manager }); // now, and every receiver answers for itself
      await this.inProcess.sendAfterCommit(event, { manager }); // when this has committed, if the process lives
      await this.events.emit(event, { manager }); // when this has committed, whatever happens
      // #endregion
      all.push(...answers);
    });
    return all;
  }

  async open(): Promise<void> {
    // prettier-ignore
    // #region connect
    await this.inProcess.connect(PaymentCompleted, (event) => this.pages.refresh(event.paymentId), { id: 'open-pages' });
    // #endregion
  }

  async close(): Promise<void> {
    // #region disconnect
    await this.inProcess.disconnect('open-pages');
    // #endregion
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env['DATABASE_URL'],
      autoLoadEntities: true,
      synchronize: true,
    }),
    TypeOrmModule.forFeature([Order]),
    EventEmitterModule.forRoot(),
    // prettier-ignore
    // #region bridge
    JobsModule.forRoot({ bridge: [PaymentCompleted, 'order.shipped'] }),
    // #endregion
  ],
  providers: [Payments, Receivers, Pages, Scanner, PlainListener],
})
export class AppModule {}

import { Injectable, Module } from '@nestjs/common';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  InjectJobsProvider,
  InjectJobsService,
  InjectReliableEvents,
  type Job,
  JobsModule,
  type JobsService,
  JobSweeps,
  JobType,
  OnJobRequested,
  OnReliableEvent,
  ReliableEvents,
} from '../../../lib/index.js';
import { InvoicePaid, OrderPlaced } from './orders.js';

const database = { type: 'postgres', autoLoadEntities: true, synchronize: true } as const;

// #region receivers
@JobType('invoice.review', { dataSource: 'billing' })
export class ReviewInvoice {}

@Injectable()
export class Receivers {
  readonly heard: string[] = [];

  @OnReliableEvent(OrderPlaced, { id: 'orders' }) // the default data source
  onOrder({ orderId }: OrderPlaced): void {
    this.heard.push(orderId);
  }

  @OnReliableEvent(InvoicePaid, { id: 'invoices', dataSource: 'billing' })
  onInvoice({ invoiceId }: InvoicePaid): void {
    this.heard.push(invoiceId);
  }

  @OnJobRequested(ReviewInvoice, { id: 'review' }) // where its type is
  onReview(job: Job): void {
    this.heard.push(`review ${job.targetId}`);
  }
}
// #endregion

// #region services
@Injectable()
export class Shop {
  constructor(
    @InjectDataSource('billing') private readonly billing: DataSource,
    private readonly events: ReliableEvents,
    @InjectReliableEvents('billing') private readonly billingEvents: ReliableEvents,
    @InjectJobsService('billing') private readonly billingJobs: JobsService,
    @InjectJobsProvider(JobSweeps, 'billing') readonly billingSweeps: JobSweeps, // any service by its class
  ) {}

  async sell(id: string): Promise<void> {
    await this.events.emit(new OrderPlaced(id));
    await this.billing.transaction(async (manager) => {
      await this.billingEvents.emit(new InvoicePaid(id), { manager });
      await this.billingJobs.request(ReviewInvoice, { target: { type: 'invoice', id }, manager });
    });
  }
}
// #endregion

// #region module
@Module({
  imports: [
    TypeOrmModule.forRoot({ ...database, url: process.env['DATABASE_URL'] }),
    TypeOrmModule.forRoot({ ...database, url: process.env['BILLING_URL'], name: 'billing' }),
    JobsModule.forRoot(),
    JobsModule.forRoot({ dataSource: 'billing' }),
  ],
  providers: [Receivers, ReviewInvoice, Shop],
})
export class AppModule {}
// #endregion

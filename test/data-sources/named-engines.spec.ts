import { Injectable } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  type DeliveryContext,
  getJobsProviderToken,
  getJobsServiceToken,
  getReliableEventsToken,
  InjectJobsProvider,
  InjectJobsService,
  InjectReliableEvents,
  type Job,
  JobsModule,
  JobsService,
  JobSweeps,
  JobType,
  OnJobRequested,
  OnReliableEvent,
  RaiseJobOnError,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../lib/index.js';
import { TestApplication, typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('invoice.paid')
class InvoicePaid {
  constructor(readonly invoiceId: string) {}
}

@ReliableEvent('invoice.forwarded')
class InvoiceForwarded {
  constructor(readonly invoiceId: string) {}
}

@ReliableEvent('invoice.unreadable')
class InvoiceUnreadable {}

@JobType('order.pack', { completeOn: [InvoicePaid, ({ invoiceId }) => ({ type: 'order', id: invoiceId })] })
class PackOrder {}

@JobType('invoice.review', {
  dataSource: 'billing',
  completeOn: [InvoicePaid, ({ invoiceId }) => ({ type: 'invoice', id: invoiceId })],
})
class ReviewInvoice {}

@Injectable()
class Heard {
  readonly here: string[] = [];
  readonly billing: string[] = [];
  readonly jobs: string[] = [];
}

@Injectable()
class Receivers {
  constructor(
    private readonly heard: Heard,
    private readonly events: ReliableEvents,
    @InjectReliableEvents('billing') private readonly billing: ReliableEvents,
    @InjectJobsService('billing') readonly billingJobs: JobsService,
    @InjectJobsProvider(JobSweeps, 'billing') readonly billingSweeps: JobSweeps,
  ) {}

  @OnReliableEvent(InvoicePaid, { id: 'paid' })
  onPaid({ invoiceId }: InvoicePaid): void {
    this.heard.here.push(invoiceId);
  }

  /** One id in two data sources is two receivers. */
  @OnReliableEvent(InvoicePaid, { id: 'paid', dataSource: 'billing' })
  onBilled({ invoiceId }: InvoicePaid): void {
    this.heard.billing.push(invoiceId);
  }

  /** Hands on what it hears from one database to the other. */
  @OnReliableEvent(InvoiceForwarded, { id: 'forward', dataSource: 'billing', transactional: true })
  async forward({ invoiceId }: InvoiceForwarded, { manager }: TransactionalContext): Promise<void> {
    await this.billing.emit(new InvoicePaid(`${invoiceId}, billed`), { manager });
    await this.events.emit(new InvoicePaid(`${invoiceId}, forwarded`));
  }

  @OnReliableEvent(InvoiceUnreadable, { id: 'unreadable', retry: { attempts: 1 } })
  @RaiseJobOnError(ReviewInvoice, { errors: [SyntaxError], request: () => ({ target: { type: 'invoice', id: '77' } }) })
  read(): never {
    throw new SyntaxError('unreadable');
  }

  @OnJobRequested(PackOrder, { id: 'pack' })
  onPack(job: Job, { receiverId }: DeliveryContext): void {
    this.heard.jobs.push(`${receiverId} ${job.targetId}`);
  }

  @OnJobRequested(ReviewInvoice, { id: 'review' })
  onReview(job: Job, { receiverId }: DeliveryContext): void {
    this.heard.jobs.push(`${receiverId} ${job.targetId}`);
  }

  @OnJobRequested({ id: 'all of billing', dataSource: 'billing' })
  onAny(job: Job, { receiverId }: DeliveryContext): void {
    this.heard.jobs.push(`${receiverId} ${job.targetId}`);
  }
}

describe('An application with JobsModule on two data sources', () => {
  let here: TestDatabase;
  let there: TestDatabase;
  let app: TestApplication;

  beforeAll(async () => {
    [here, there] = [await TestDatabase.create(), await TestDatabase.create()];
    app = await TestApplication.start(here, {
      imports: [
        TypeOrmModule.forRoot({ ...typeormOptions(there), name: 'billing' }),
        JobsModule.forRoot({ dataSource: 'billing', worker: { pollInterval: '50ms' } }),
      ],
      providers: [Heard, Receivers, PackOrder, ReviewInvoice],
      jobs: { worker: { pollInterval: '50ms' } },
    });
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([here.drop(), there.drop()]);
  });
  beforeEach(() => {
    for (const list of Object.values(heard())) (list as string[]).length = 0;
  });

  const heard = (): Heard => app.context.get(Heard);
  const billing = (): ReliableEvents => app.context.get<ReliableEvents>(getReliableEventsToken('billing'));
  const billingJobs = (): JobsService => app.context.get<JobsService>(getJobsServiceToken('billing'));
  const billingSource = (): DataSource => app.context.get<DataSource>(getDataSourceToken('billing'));

  async function rowsIn(dataSource: DataSource, sql: string): Promise<Record<string, unknown>[]> {
    return dataSource.query<Record<string, unknown>[]>(sql);
  }

  async function drained(): Promise<void> {
    await app.drained();
    await until(async () => (await rowsIn(billingSource(), 'select from jobs_delivery')).length === 0);
  }

  it('delivers what is emitted in the one to the receivers of the one', async () => {
    await app.events.emit(new InvoicePaid('1'));
    await drained();
    expect(heard()).toMatchObject({ here: ['1'], billing: [] });
  });

  it('delivers what is emitted in the other to the receivers of the other', async () => {
    await billingSource().transaction((manager) => billing().emit(new InvoicePaid('2'), { manager }));
    await drained();
    expect(heard()).toMatchObject({ here: [], billing: ['2'] });
  });

  it('emits from a receiver of the one into both', async () => {
    await billing().emit(new InvoiceForwarded('3'));
    await until(() => heard().here.length + heard().billing.length === 2);
    await drained();
    expect(heard()).toMatchObject({ here: ['3, forwarded'], billing: ['3, billed'] });
  });

  it('refuses the manager of the one in the other, naming both', async () => {
    const foreign = app.dataSource.transaction((manager) => billing().emit(new InvoicePaid('4'), { manager }));
    await expect(foreign).rejects.toThrow(
      `The manager belongs to data source "default" (database "${here.name}"), but JobsModule works on "billing" (database "${there.name}").`,
    );
  });

  it('gives the default one to who asks for the classes, and the named one to who asks for it', () => {
    const { billingJobs: jobs, billingSweeps: sweeps } = app.context.get(Receivers);
    expect([
      app.context.get(ReliableEvents) === app.context.get(getReliableEventsToken()),
      app.context.get(ReliableEvents) === billing(),
      jobs === billingJobs(),
      app.context.get(JobsService) === jobs,
      sweeps === app.context.get(getJobsProviderToken(JobSweeps, 'billing')),
      app.context.get(JobSweeps) === sweeps,
    ]).toEqual([true, false, true, false, true, false]);
  });

  it('keeps the jobs of each type in its own, and tells of them there', async () => {
    const pack = app.context.get(JobsService).request(PackOrder, { target: { type: 'order', id: '7' } });
    const review = billingJobs().request(ReviewInvoice, { target: { type: 'invoice', id: '8' } });
    await Promise.all([pack, review]);
    await drained();
    const sql = 'select type from jobs_job';
    expect([await rowsIn(app.dataSource, sql), await rowsIn(billingSource(), sql), heard().jobs.sort()]).toEqual([
      [{ type: 'order.pack' }],
      [{ type: 'invoice.review' }],
      ['all of billing 8', 'pack 7', 'review 8'],
    ]);
  });

  it('completes jobs by an event of their own data source', async () => {
    await app.context.get(JobsService).request(PackOrder, { target: { type: 'order', id: '9' } });
    await billingJobs().request(ReviewInvoice, { target: { type: 'invoice', id: '9' } });
    await billing().emit(new InvoicePaid('9'));
    await drained();
    const sql = `select status from jobs_job where target_id = '9'`;
    expect([await rowsIn(app.dataSource, sql), await rowsIn(billingSource(), sql)]).toEqual([
      [{ status: 'pending' }],
      [{ status: 'completed' }],
    ]);
  });

  it('raises a job for an error where its type is', async () => {
    await app.events.emit(new InvoiceUnreadable());
    await drained();
    const sql = `select type from jobs_job where target_id = '77'`;
    expect([await rowsIn(app.dataSource, sql), await rowsIn(billingSource(), sql)]).toEqual([
      [],
      [{ type: 'invoice.review' }],
    ]);
  });

  it('refuses a type in the service of another data source, naming its own', async () => {
    const refused = app.context.get(JobsService).request(ReviewInvoice, { target: { type: 'invoice', id: '1' } });
    await expect(refused).rejects.toThrow(
      `Jobs of type invoice.review are kept in data source "billing", and this is the service of another. Inject the right one with @InjectJobsService('billing').`,
    );
  });

  it('records in each the receivers that belong to it', async () => {
    const names = async (dataSource: DataSource): Promise<unknown[]> =>
      (await rowsIn(dataSource, 'select name from jobs_receiver order by name')).map(({ name }) => name);
    expect([await names(app.dataSource), await names(billingSource())]).toEqual([
      ['jobs.complete', 'jobs.complete-on:order.pack:invoice.paid', 'jobs.request', 'pack', 'paid', 'unreadable'],
      [
        'all of billing',
        'forward',
        'jobs.complete',
        'jobs.complete-on:invoice.review:invoice.paid',
        'jobs.request',
        'paid',
        'review',
      ],
    ]);
  });

  it('works with a worker in each', async () => {
    const sql = `select state from jobs_worker where ended_at is null`;
    expect([await rowsIn(app.dataSource, sql), await rowsIn(billingSource(), sql)]).toEqual([
      [{ state: 'live' }],
      [{ state: 'live' }],
    ]);
  });
});

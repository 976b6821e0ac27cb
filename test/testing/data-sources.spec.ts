import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import {
  getJobsServiceToken,
  getReliableEventsToken,
  InjectReliableEvents,
  JobsModule,
  type JobsService,
  JobType,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../lib/index.js';
import { jobsMatchers, JobsTesting, type JobsTestingMode, JobsTestingModule } from '../../lib/testing/index.js';
import { typeormOptions } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

expect.extend(jobsMatchers);

@ReliableEvent('order.placed')
class OrderPlaced {
  constructor(readonly orderId: string) {}
}

@ReliableEvent('invoice.sent')
class InvoiceSent {
  constructor(readonly invoiceId: string) {}
}

@JobType('invoice.chase', {
  dataSource: 'billing',
  expiresIn: '30d',
  completeOn: [InvoiceSent, ({ invoiceId }) => ({ type: 'invoice', id: invoiceId })],
})
class ChaseInvoice {}

@Injectable()
class Heard {
  readonly lines: string[] = [];
}

@Injectable()
class Receivers {
  constructor(
    private readonly heard: Heard,
    @InjectReliableEvents('billing') private readonly billing: ReliableEvents,
  ) {}

  /** Hands on to the other database what it hears in this one. */
  @OnReliableEvent(OrderPlaced, { id: 'invoice' })
  async invoice({ orderId }: OrderPlaced): Promise<void> {
    this.heard.lines.push(`placed ${orderId}`);
    await this.billing.emit(new InvoiceSent(orderId));
  }

  @OnReliableEvent(InvoiceSent, { id: 'ledger', dataSource: 'billing', transactional: true })
  async book({ invoiceId }: InvoiceSent, { manager }: TransactionalContext): Promise<void> {
    await manager.query('select');
    if (invoiceId === 'bad') throw new Error('the ledger is closed');
    this.heard.lines.push(`booked ${invoiceId}`);
  }
}

describe.each<JobsTestingMode>(['manual', 'inline', 'recording'])(
  'T4: the kit in an application with several data sources, mode %s',
  (mode) => {
    let here: TestDatabase;
    let there: TestDatabase;
    let app: TestingModule;
    let jobs: JobsTesting;
    let billing: JobsTesting;
    let lines: string[];

    beforeAll(async () => {
      [here, there] = [await TestDatabase.create(), await TestDatabase.create()];
      app = await Test.createTestingModule({
        imports: [
          TypeOrmModule.forRoot(typeormOptions(here)),
          TypeOrmModule.forRoot({ ...typeormOptions(there), name: 'billing' }),
          JobsModule.forRoot(),
          JobsModule.forRoot({ dataSource: 'billing' }),
          JobsTestingModule.forRoot({ mode }),
        ],
        providers: [Heard, Receivers, ChaseInvoice],
      }).compile();
      app.useLogger(false);
      await app.init();
      jobs = app.get(JobsTesting);
      billing = jobs.of('billing');
      ({ lines } = app.get(Heard));
    });
    afterAll(async () => {
      await app.close();
      await Promise.all([here.drop(), there.drop()]);
    });
    beforeEach(async () => {
      await Promise.all([jobs.startTransaction(), billing.startTransaction()]);
      lines.length = 0;
    });
    afterEach(async () => {
      await Promise.all([jobs.rollbackTransaction(), billing.rollbackTransaction()]);
      jobs.clock.reset();
    });

    const sources = (): Record<'here' | 'there', DataSource> => ({
      here: app.get<DataSource>(getDataSourceToken()),
      there: app.get<DataSource>(getDataSourceToken('billing')),
    });
    const emitThere = (event: object, manager?: EntityManager): Promise<unknown> =>
      app.get<ReliableEvents>(getReliableEventsToken('billing')).emit(event, manager === undefined ? {} : { manager });

    async function run(which: JobsTesting): Promise<void> {
      if (mode === 'inline') await which.settled();
      if (mode === 'manual') await which.drain();
    }

    it('tells what happened in each apart', async () => {
      await jobs.emit(new OrderPlaced('1'));
      await emitThere(new InvoiceSent('2'));
      expect(jobs).toHaveEmitted(OrderPlaced, { orderId: '1' }, { times: 1 });
      expect(jobs).not.toHaveEmitted(InvoiceSent, { invoiceId: '2' });
      expect(billing).toHaveEmitted(InvoiceSent, { invoiceId: '2' }, { times: 1 });
      expect(billing).not.toHaveEmitted(OrderPlaced);
      billing.clear();
      expect(billing).not.toHaveEmitted(InvoiceSent);
      expect(jobs).toHaveEmitted(OrderPlaced);
      await run(jobs);
      await run(billing);
    });

    it('runs the receivers of each, or none', async () => {
      await emitThere(new InvoiceSent('2'));
      await run(jobs);
      if (mode === 'manual') expect(lines).toEqual([]);
      await run(billing);
      expect(lines).toEqual(mode === 'recording' ? [] : ['booked 2']);
      expect(jobs).not.toHaveDelivered(InvoiceSent);
      if (mode !== 'recording') expect(billing).toHaveDelivered(InvoiceSent, { invoiceId: '2' }, { to: 'ledger' });
    });

    it('runs in the one what a receiver of the other emitted there', async () => {
      await jobs.emit(new OrderPlaced('3'));
      await run(jobs);
      await run(billing);
      expect(lines).toEqual(mode === 'recording' ? [] : ['placed 3', 'booked 3']);
    });

    it('has the transaction of the one roll back without that of the other', async () => {
      const { here: mine, there: theirs } = sources();
      await mine.transaction(async () => {
        await theirs
          .transaction(async (manager) => {
            await emitThere(new InvoiceSent('4'), manager);
            throw new Error('taken back');
          })
          .catch(() => undefined);
        await emitThere(new InvoiceSent('5'));
      });
      await run(billing);
      expect(billing.emitted(InvoiceSent)).toMatchObject([{ payload: { invoiceId: '5' } }]);
      expect(lines).toEqual(mode === 'recording' ? [] : ['booked 5']);
    });

    it('moves the time of all of them, and sweeps the one that is asked to', async () => {
      await app
        .get<JobsService>(getJobsServiceToken('billing'))
        .request(ChaseInvoice, { target: { type: 'invoice', id: '8' } });
      await app.get<ReliableEvents>(getReliableEventsToken('billing')).emit(new InvoiceSent('9'), { delay: '1h' });
      expect(billing).toHaveRequested(ChaseInvoice, { target: { type: 'invoice', id: '8' } }, { times: 1 });
      expect(jobs).not.toHaveRequested(ChaseInvoice);
      expect(billing.clock).toBe(jobs.clock);
      jobs.clock.advance('31d');
      expect(await jobs.sweep()).toMatchObject({ expired: 0 });
      expect(await billing.sweep()).toMatchObject({ expired: 1 });
      expect(billing.facts('expired', ChaseInvoice)).toHaveLength(1);
      await run(billing);
      expect(lines).toEqual(mode === 'recording' ? [] : ['booked 9']);
    });

    if (mode === 'inline') {
      it('keeps the errors of each', async () => {
        await emitThere(new InvoiceSent('bad'));
        await jobs.settled();
        await expect(billing.settled()).rejects.toThrow('ledger on invoice.sent');
        expect([jobs.errors, billing.errors]).toEqual([[], []]);
      });
    }

    it('names the data sources there are when it is asked for another', () => {
      expect(() => jobs.of('billings').emitted()).toThrow(
        'No JobsModule is set up for the data source "billings"; there are "default", "billing".',
      );
    });
  },
);

import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, type EntityManager, PrimaryGeneratedColumn, type Repository } from 'typeorm';
import {
  type DeliveryContext,
  type Job,
  JobQueries,
  JobSweeps,
  JobsModule,
  JobsService,
  JobType,
  OnJobCompleted,
  OnJobRequested,
  OnReliableEvent,
  ReliableEvent,
  ReliableEvents,
  type TransactionalContext,
} from '../../../lib/index.js';
import { MemoryStorage, NoDatabaseError } from '../../../lib/testing/index.js';
import { passesSoon } from '../../support/passes-soon.js';

@Entity()
class Account {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  name!: string;
}

@ReliableEvent('payment.completed')
class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}

@ReliableEvent('method.added')
class MethodAdded {
  constructor(readonly accountId: number) {}
}

@JobType('onboarding.add-method', {
  target: Account,
  expiresIn: '30d',
  completeOn: [MethodAdded, ({ accountId }: MethodAdded) => accountId],
})
class AddMethod {}

@Injectable()
class Receivers {
  readonly heard: string[] = [];
  failures = 0;
  readonly managers: ((manager: EntityManager) => Promise<unknown>)[] = [];

  constructor(private readonly events: ReliableEvents) {}

  @OnReliableEvent(PaymentCompleted, { id: 'order.on-paid', retry: { attempts: 3, delay: '1m', jitter: 0 } })
  async paid({ paymentId }: PaymentCompleted, { attempt }: DeliveryContext): Promise<void> {
    this.heard.push(`paid ${paymentId} ${attempt}`);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('not now');
    }
  }

  @OnReliableEvent(PaymentCompleted, { id: 'order.in-transaction', transactional: true })
  async paidInTransaction(_: PaymentCompleted, { manager }: TransactionalContext): Promise<void> {
    for (const work of this.managers) await work(manager);
  }

  @OnJobRequested(AddMethod)
  async requested(job: Job): Promise<void> {
    this.heard.push(`requested ${job.targetId}`);
  }

  @OnJobCompleted(AddMethod)
  async completed(job: Job): Promise<void> {
    this.heard.push(`completed ${job.targetId} ${job.closeReason ?? ''}`);
  }
}

@Module({ imports: [TypeOrmModule.forFeature([Account])], providers: [Receivers, AddMethod] })
class OrdersModule {}

const seven = Object.assign(new Account(), { id: 7, name: 'Ada' });

describe('JobsModule in memory', () => {
  let memory: MemoryStorage;
  let app: TestingModule;
  let events: ReliableEvents;
  let jobs: JobsService;
  let receivers: Receivers;

  beforeEach(async () => {
    memory = new MemoryStorage();
    const builder = Test.createTestingModule({
      imports: [memory.typeOrm(), JobsModule.forRoot({ sweep: false }), OrdersModule],
    });
    app = await memory.replaceStorage(builder).compile();
    await app.init();
    [events, jobs, receivers] = [app.get(ReliableEvents), app.get(JobsService), app.get(Receivers)];
  });
  afterEach(async () => app.close());

  const open = (): number => memory.database.deliveries.rows.size;

  it('runs receivers after the commit of the emitter', async () => {
    await memory.transaction(async (manager) => {
      await events.emit(new PaymentCompleted('p1'), { manager });
      expect([open(), receivers.heard]).toEqual([0, []]);
    });
    await passesSoon(() => expect([open(), receivers.heard]).toEqual([0, ['paid p1 1']]));
  });

  it('knows nothing of what was rolled back, be it the transaction or a savepoint in it', async () => {
    const failed = new Error('rolled back');
    await expect(
      memory.transaction(async (manager) => {
        await events.emit(new PaymentCompleted('p1'), { manager });
        throw failed;
      }),
    ).rejects.toBe(failed);
    await memory.transaction(async (manager) => {
      await manager
        .transaction(async (nested) => {
          await events.emit(new PaymentCompleted('p2'), { manager: nested });
          throw failed;
        })
        .catch(() => undefined);
      await events.emit(new PaymentCompleted('p3'), { manager });
    });
    await passesSoon(() => expect(receivers.heard).toEqual(['paid p3 1']));
    expect([...memory.database.events.rows.values()].map(({ payload }) => JSON.parse(payload) as unknown)).toEqual([
      { paymentId: 'p3' },
    ]);
  });

  it('retries when its clock was moved, and buries in the end', async () => {
    receivers.failures = 3;
    const { id } = await events.emit(new PaymentCompleted('p1'));
    const states = async (): Promise<unknown> =>
      (await events.status(id))?.receivers.map(({ receiver, state, attempts }) => [receiver, state, attempts]);
    const other = ['order.in-transaction', 'delivered', null];
    await passesSoon(async () => expect(await states()).toEqual([['order.on-paid', 'retrying', 1], other]));
    memory.clock.advance('1m');
    await passesSoon(async () => expect(await states()).toEqual([['order.on-paid', 'retrying', 2], other]));
    memory.clock.advance('2m');
    await passesSoon(async () => expect(await states()).toEqual([['order.on-paid', 'dead', 3], other]));
    expect(receivers.heard).toEqual(['paid p1 1', 'paid p1 2', 'paid p1 3']);
  });

  it('commits what a transactional receiver emits together with its acknowledgement', async () => {
    receivers.managers.push(async (manager) => events.emit(new MethodAdded(7), { manager }));
    await events.emit(new PaymentCompleted('p1'));
    await passesSoon(() => expect([open(), memory.database.events.rows.size]).toEqual([0, 2]));
  });

  it('says what to do when SQL is run', async () => {
    const accounts = app.get<Repository<Account>>(getRepositoryToken(Account), { strict: false });
    await expect(accounts.findOneBy({ id: 7 })).rejects.toThrow(/NoDatabaseError: In memory there is no database/);
    await expect(app.get(JobQueries).count({ status: 'pending' })).rejects.toThrow(NoDatabaseError);
    await expect(app.get(DataSource).query('select 1')).rejects.toThrow(/In memory there is no database/);
  });

  it('requests jobs once, tells of them, and completes them', async () => {
    const [first, second] = [
      await jobs.request(AddMethod, { target: seven }),
      await jobs.request(AddMethod, { target: seven }),
    ];
    expect([first.created, second.created, second.job.requestCount]).toEqual([true, false, 2]);
    await jobs.complete(AddMethod, { target: seven, by: 'user:7' });
    await passesSoon(() => expect(receivers.heard.sort()).toEqual(['completed 7 done', 'requested 7']));
    expect((await jobs.history(first.job)).entries.map(({ action, actor }) => [action, actor])).toEqual([
      ['requested', 'system'],
      ['repeated', 'system'],
      ['completed', 'user:7'],
    ]);
  });

  it('completes jobs by the event they wait for, be it early', async () => {
    await jobs.request(AddMethod, { target: 7 });
    await events.emit(new MethodAdded(7));
    await passesSoon(() => expect(receivers.heard).toContain('completed 7 event'));
    await events.emit(new MethodAdded(8));
    await passesSoon(() => expect(open()).toBe(0));
    const { job } = await jobs.request(AddMethod, { target: 8 });
    expect([job.status, job.closeReason]).toEqual(['completed', 'event']);
  });

  it('expires jobs when its clock was moved and a sweep came', async () => {
    const { job } = await jobs.request(AddMethod, { target: seven });
    expect(await app.get(JobSweeps).expire()).toBe(0);
    memory.clock.advance('30d');
    expect(await app.get(JobSweeps).run()).toMatchObject({ expired: 1 });
    expect(memory.database.jobs.rows.get(job.id)?.job).toMatchObject({ status: 'cancelled', closeReason: 'expired' });
  });

  it('hands what a dead process held to others', async () => {
    const [session] = memory.sessions.all();
    session?.interrupt();
    await events.emit(new PaymentCompleted('p1'));
    expect([receivers.heard, open()]).toEqual([[], 2]);
    session?.resume();
    await passesSoon(() => expect(receivers.heard).toEqual(['paid p1 1']));
  });

  it('needs a module before it has transactions', async () => {
    const other = new MemoryStorage();
    await expect(other.transaction(async () => undefined)).rejects.toThrow(/compile the testing module/);
  });
});

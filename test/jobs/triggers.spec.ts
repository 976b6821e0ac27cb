import type { EntityManager } from 'typeorm';
import { JobType, on, ReliableEvent } from '../../lib/index.js';
import { RunningJobs } from '../support/running-jobs.js';
import { Signal } from '../support/signal.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('account.opened')
class AccountOpened {
  constructor(readonly accountId: string) {}
}

@ReliableEvent('card.added')
class CardAdded {
  constructor(readonly accountId: string | null) {}
}

@ReliableEvent('account.closed')
class AccountClosed {
  constructor(readonly accountId: string) {}
}

const account = (id: string) => ({ type: 'Account', id });

@JobType('onboarding.add-card', {
  requestOn: [AccountOpened, (event) => account(event.accountId)],
  completeOn: [
    on(CardAdded, (event) => (event.accountId === null ? null : account(event.accountId))),
    on('invoice.chosen', (event) => account((event as { accountId: string }).accountId)),
  ],
  cancelOn: [AccountClosed, (event) => account(event.accountId)],
  assignee: 'role:owner',
  earlyLimit: '1h',
})
class AddCard {}

@JobType('onboarding.greet', {
  completeOn: [CardAdded, ({ accountId }) => accountId && account(accountId)],
  early: 'ignore',
})
class Greet {}

describe('Triggers', () => {
  let fixture: RunningJobs;

  beforeAll(async () => {
    fixture = await RunningJobs.start({ providers: [AddCard, Greet], typeorm: { poolSize: 20 } });
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.reset());

  const emit = (event: object, manager?: EntityManager) =>
    fixture.application.events.emit(event, manager === undefined ? {} : { manager });
  const emitted = async (event: object): Promise<string> => {
    const { id } = await emit(event);
    await fixture.application.drained();
    return id;
  };

  it('are durable receivers with ids that stay', async () => {
    const receivers = await fixture.rows<{ name: string }>('select name from jobs_receiver order by name');
    expect(receivers.map(({ name }) => name)).toEqual([
      'jobs.cancel-on:onboarding.add-card:account.closed',
      'jobs.complete',
      'jobs.complete-on:onboarding.add-card:card.added',
      'jobs.complete-on:onboarding.add-card:invoice.chosen',
      'jobs.complete-on:onboarding.greet:card.added',
      'jobs.request',
      'jobs.request-on:onboarding.add-card:account.opened',
    ]);
  });

  it('request a job by an event, which is its requester', async () => {
    const event = await emitted(new AccountOpened('a1'));
    expect(await fixture.of('a1')).toEqual([
      expect.objectContaining({ status: 'pending', created_by: `event:${event}` }),
    ]);
    expect(await fixture.application.count('jobs_job', `assignee = 'role:owner'`)).toBe(1);
  });

  it('request nothing again when the event is delivered once more', async () => {
    const event = await emitted(new AccountOpened('a1'));
    await fixture.jobs.complete(AddCard, { target: account('a1') });
    await fixture.redeliver(event);
    expect(await fixture.of('a1')).toHaveLength(1);
  });

  it('complete every pending job of the type and target by an event, and no other', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1') });
    await fixture.jobs.request(AddCard, { target: account('a1'), key: 'second' });
    await fixture.jobs.request(AddCard, { target: account('a2') });
    const event = await emitted(new CardAdded('a1'));
    const done = { status: 'completed', close_reason: 'event', closed_by: `event:${event}` };
    expect(await fixture.of('a1')).toEqual([expect.objectContaining(done), expect.objectContaining(done)]);
    expect(await fixture.of('a2')).toEqual([expect.objectContaining({ status: 'pending' })]);
  });

  it('complete by any of several events, also by one that is only a name', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1') });
    await fixture.application.events.emit('invoice.chosen' as never, { accountId: 'a1' } as never);
    await fixture.application.drained();
    expect(await fixture.of('a1')).toEqual([expect.objectContaining({ status: 'completed' })]);
  });

  it('cancel by an event', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1') });
    const event = await emitted(new AccountClosed('a1'));
    expect(await fixture.of('a1')).toEqual([
      expect.objectContaining({ status: 'cancelled', close_reason: 'event', closed_by: `event:${event}` }),
    ]);
  });

  it('keep to the tenant of the event', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1'), tenant: 'north' });
    await fixture.jobs.request(AddCard, { target: account('a1'), tenant: 'south' });
    await fixture.application.events.emit(new CardAdded('a1'), { tenant: 'south' });
    await fixture.application.drained();
    expect(await fixture.rows('select tenant, status from jobs_job order by tenant')).toEqual([
      { tenant: 'north', status: 'pending' },
      { tenant: 'south', status: 'completed' },
    ]);
  });

  it('open no transaction for an event that is about none of their jobs', async () => {
    const { dataSource } = fixture.application;
    const create = dataSource.createQueryRunner.bind(dataSource);
    let begun = 0;
    const spy = jest.spyOn(dataSource, 'createQueryRunner').mockImplementation((mode) => {
      const runner = create(mode);
      const start = runner.startTransaction.bind(runner);
      runner.startTransaction = (level) => {
        begun += 1;
        return start(level);
      };
      return runner;
    });
    await emitted(new CardAdded(null));
    expect(begun).toBe(0);
    await emitted(new CardAdded('a1'));
    spy.mockRestore();
    expect(begun).toBe(2);
  });

  it('let a job be born completed when its event came first, once', async () => {
    const event = await emitted(new CardAdded('a1'));
    const { job, created } = await fixture.jobs.request(AddCard, { target: account('a1') });
    expect({ created, status: job.status, reason: job.closeReason, by: job.closedBy }).toEqual({
      created: true,
      status: 'completed',
      reason: 'event',
      by: `event:${event}`,
    });
    expect((await fixture.jobs.request(AddCard, { target: account('a1') })).job.status).toBe('pending');
  });

  it('remember no longer than the limit', async () => {
    await emitted(new CardAdded('a1'));
    fixture.clock.offset = 3_600_001;
    expect((await fixture.jobs.request(AddCard, { target: account('a1') })).job.status).toBe('pending');
  });

  it('remember nothing for a type that ignores early events', async () => {
    await emitted(new CardAdded('a1'));
    expect((await fixture.jobs.request(Greet, { target: account('a1') })).job.status).toBe('pending');
  });

  it('close nothing by an event of old that is delivered after a new request', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1') });
    const event = await emitted(new CardAdded('a1'));
    await fixture.jobs.request(AddCard, { target: account('a1') });
    await fixture.redeliver(event);
    expect((await fixture.of('a1')).map(({ status }) => status)).toEqual(['completed', 'pending']);
  });

  it('remember nothing of an event of old that has closed a job', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1') });
    const event = await emitted(new CardAdded('a1'));
    await fixture.redeliver(event);
    expect((await fixture.jobs.request(AddCard, { target: account('a1') })).job.status).toBe('pending');
  });

  it('remember nothing of an event of old that a job was born completed by', async () => {
    const event = await emitted(new CardAdded('a1'));
    await fixture.jobs.request(AddCard, { target: account('a1') });
    await fixture.redeliver(event);
    expect((await fixture.jobs.request(AddCard, { target: account('a1') })).job.status).toBe('pending');
  });

  it('do nothing by an event that is older than the one which closed the job', async () => {
    const older = await emitted(new CardAdded('a1'));
    const newer = await emitted(new CardAdded('a1'));
    const { job } = await fixture.jobs.request(AddCard, { target: account('a1') });
    expect(job.closedBy).toBe(`event:${newer}`);
    await fixture.redeliver(older);
    expect((await fixture.jobs.request(AddCard, { target: account('a1') })).job.status).toBe('pending');
  });

  it('leave a job alone that was opened again after the event had closed it', async () => {
    const { job } = await fixture.jobs.request(AddCard, { target: account('a1') });
    const event = await emitted(new CardAdded('a1'));
    await fixture.jobs.reopen(job.id);
    await fixture.redeliver(event);
    expect((await fixture.of('a1')).map(({ status }) => status)).toEqual(['pending']);
  });

  it('remember nothing of an event whose job was closed by code in the same transaction', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1') });
    await fixture.application.dataSource.transaction(async (manager) => {
      await fixture.jobs.complete(AddCard, { target: account('a1'), manager });
      await emit(new CardAdded('a1'), manager);
    });
    await fixture.application.drained();
    expect((await fixture.jobs.request(AddCard, { target: account('a1') })).job.status).toBe('pending');
  });

  it('remember an event that is newer than the job it does not find pending', async () => {
    const { job } = await fixture.jobs.request(AddCard, { target: account('a1') });
    await fixture.jobs.cancel(job.id);
    await emitted(new CardAdded('a1'));
    expect((await fixture.jobs.request(AddCard, { target: account('a1') })).job.status).toBe('completed');
  });

  it('complete what was requested while the transaction of the event was open already', async () => {
    await fixture.application.dataSource.transaction(async (manager) => {
      await manager.query('select now()');
      await fixture.jobs.request(Greet, { target: account('a1') });
      await emit(new CardAdded('a1'), manager);
    });
    await fixture.application.drained();
    expect(await fixture.of('a1')).toEqual([expect.objectContaining({ status: 'completed' })]);
  });

  it('complete what was requested in the transaction of the event', async () => {
    await fixture.application.dataSource.transaction(async (manager) => {
      await fixture.jobs.request(Greet, { target: account('a1'), manager });
      await emit(new CardAdded('a1'), manager);
    });
    await fixture.application.drained();
    expect(await fixture.of('a1')).toEqual([expect.objectContaining({ status: 'completed' })]);
  });

  it.each([
    ['remembers', AddCard, 'completed'],
    ['ignores', Greet, 'pending'],
  ])(
    'come to one end when an event is handled only after the request that followed it; one that %s',
    async (_, type, end) => {
      const blocked = new Signal();
      const held = new Signal();
      // Handling the event reads this table, and so waits until the request is there.
      const holder = fixture.application.dataSource.transaction(async (manager) => {
        await fixture.jobs.findPending(type, { target: account('a1'), manager });
        await manager.query('lock table jobs_job_remembered in access exclusive mode');
        held.give();
        await blocked.given;
      });
      await held.given;
      const { id } = await emit(new CardAdded('a1'));
      await fixture.rows(
        `insert into jobs_job (type, target_type, target_id, position) values ($1, 'Account', 'a1', $2::bigint + 1)`,
        [type === AddCard ? 'onboarding.add-card' : 'onboarding.greet', id],
      );
      blocked.give();
      await holder;
      await fixture.application.drained();
      expect((await fixture.of('a1')).map(({ status }) => status)).toEqual([end]);
    },
  );

  it('miss no request that is still to be committed', async () => {
    const requested = new Signal();
    const release = new Signal();
    const request = fixture.application.dataSource.transaction(async (manager) => {
      await fixture.jobs.request(Greet, { target: account('a1'), manager });
      requested.give();
      await release.given;
    });
    await requested.given;
    await emit(new CardAdded('a1'));
    await until(async () => {
      const [row] = await fixture.rows<{ waiting: number }>(
        `select count(*)::int4 as waiting from pg_locks where locktype = 'advisory' and not granted`,
      );
      return row?.waiting === 1;
    }, 'the event waits for its turn');
    release.give();
    await request;
    await fixture.application.drained();
    expect((await fixture.of('a1')).map(({ status }) => status)).toEqual(['completed']);
  });

  it('never miss each other, whichever of a request and an event comes first', async () => {
    const targets = Array.from({ length: 40 }, (_, index) => `race${index}`);
    await Promise.all(
      targets.flatMap((id) => [fixture.jobs.request(AddCard, { target: account(id) }), emit(new CardAdded(id))]),
    );
    await fixture.application.drained();
    expect(await fixture.rows('select status, count(*)::int4 as count from jobs_job group by status')).toEqual([
      { status: 'completed', count: targets.length },
    ]);
    expect(await fixture.application.count('jobs_job_remembered')).toBe(0);
  });

  it('leave nothing behind when the event was rolled back', async () => {
    await fixture.jobs.request(AddCard, { target: account('a1') });
    await expect(
      fixture.application.dataSource.transaction(async (manager) => {
        await emit(new CardAdded('a1'), manager);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await fixture.application.drained();
    expect((await fixture.of('a1')).map(({ status }) => status)).toEqual(['pending']);
  });

  it('give up an event whose target is refused, at once', async () => {
    await fixture.application.events.emit(new AccountOpened(''));
    await fixture.application.drained();
    expect(await fixture.rows('select kind, attempts from jobs_dead_letter')).toEqual([{ kind: 'dead', attempts: 1 }]);
  });
});

describe('Triggers are refused at boot', () => {
  it('when they name what jobs tell of themselves', async () => {
    @JobType('endless', { requestOn: [on('job.completed', () => account('a1'))] })
    class Endless {}
    const database = await TestDatabase.create();
    try {
      await expect(TestApplication.start(database, { providers: [Endless], jobs: { worker: false } })).rejects.toThrow(
        'Endless.requestOn: "job.completed" stands for job.completed, which is told of jobs themselves.',
      );
    } finally {
      await database.drop();
    }
  });
});

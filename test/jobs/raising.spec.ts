import { Controller, Get, type INestApplication, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import request from 'supertest';
import { DataSource } from 'typeorm';
import {
  JobsModule,
  JobType,
  OnReliableEvent,
  RaiseJobOnError,
  ReliableEvent,
  ReliableEvents,
} from '../../lib/index.js';
import { LogCapture } from '../support/log-capture.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

class RefundRefused extends Error {
  constructor(
    readonly paymentId: string,
    message = 'the account is closed',
  ) {
    super(message);
  }
}
class Unrelated extends Error {}

@JobType('refund.review')
class ReviewRefund {
  declare metadata: { readonly reason: string };
}

@JobType('provider.call')
class CallProvider {}

@ReliableEvent('refund.wanted')
class RefundWanted {
  constructor(readonly paymentId: string) {}
}

const review = {
  errors: [RefundRefused],
  request: ({ paymentId, message }: RefundRefused) => ({
    target: { type: 'Payment', id: paymentId },
    metadata: { reason: message },
  }),
};

@Controller()
class Refunds {
  constructor(private readonly dataSource: DataSource) {}

  @Get('refused')
  @RaiseJobOnError(ReviewRefund, {
    ...review,
    recover: (_error, { job, created }) => ({ job: job.id, created }),
  })
  async refused(): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('insert into attempt default values');
      throw new RefundRefused('7');
    });
  }

  @Get('instead')
  @RaiseJobOnError(ReviewRefund, { ...review, recover: () => new ServiceUnavailableException('somebody looks') })
  instead(): never {
    throw new RefundRefused('8');
  }

  @Get('thrown-on')
  @RaiseJobOnError(ReviewRefund, review)
  thrownOn(): never {
    throw new RefundRefused('9');
  }

  @Get('unrelated')
  @RaiseJobOnError(ReviewRefund, review)
  unrelated(): never {
    throw new Unrelated('a bug');
  }

  @Get('nobodys')
  @RaiseJobOnError(ReviewRefund, { errors: [RefundRefused], request: () => null, recover: () => 'never' })
  nobodys(): never {
    throw new RefundRefused('10');
  }

  @Get('unkept')
  @RaiseJobOnError(ReviewRefund, { ...review, recover: () => 'never' })
  unkept(): never {
    throw new RefundRefused('11', 'x'.repeat(70_000));
  }

  @Get('both')
  @RaiseJobOnError(ReviewRefund, review)
  @RaiseJobOnError(CallProvider, { errors: [Error], recover: () => 'called' })
  both(): never {
    throw new RefundRefused('12');
  }

  @Get('fine')
  @RaiseJobOnError(CallProvider, { errors: [Error] })
  fine(): string {
    return 'fine';
  }
}

@Injectable()
class RefundReceiver {
  @OnReliableEvent(RefundWanted, { id: 'refunds.on-wanted', retry: { attempts: 1 } })
  @RaiseJobOnError(ReviewRefund, { ...review, recover: () => undefined })
  refund({ paymentId }: RefundWanted): void {
    throw new RefundRefused(paymentId);
  }
}

describe('@RaiseJobOnError', () => {
  let database: TestDatabase;
  let app: INestApplication;
  const log = new LogCapture();

  beforeAll(async () => {
    database = await TestDatabase.create();
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, autoLoadEntities: true, synchronize: true }),
        JobsModule.forRoot(),
      ],
      controllers: [Refunds],
      providers: [ReviewRefund, CallProvider, RefundReceiver],
    }).compile();
    app = module.createNestApplication();
    app.useLogger(log);
    await app.listen(0, '127.0.0.1');
    await query('create table attempt (id serial)');
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(async () => {
    log.clear();
    await query('truncate jobs_job, jobs_job_history, attempt');
  });

  const query = <Row>(sql: string): Promise<Row[]> => app.get(DataSource).query<Row[]>(sql);
  const get = async (path: string): Promise<{ status: number; body: unknown; text: string }> =>
    request(await app.getUrl()).get(path);
  const open = () => query('select type, target_id, request_count, metadata from jobs_job order by id');
  const errors = () => log.messages('error', 'fatal');

  it('keeps one job of the same error five times, and logs none of them', async () => {
    const answers = [];
    for (let time = 0; time < 5; time++) answers.push((await get('/refused')).body);
    const [{ id }] = (await query<{ id: string }>('select id::text from jobs_job')) as [{ id: string }];
    expect(answers).toEqual([true, false, false, false, false].map((created) => ({ job: id, created })));
    expect(await open()).toEqual([
      { type: 'refund.review', target_id: '7', request_count: 5, metadata: { reason: 'the account is closed' } },
    ]);
    expect(errors()).toEqual([]);
  });

  it('keeps the job although the transaction rolls back', async () => {
    await get('/refused');
    expect(await query('select from attempt')).toHaveLength(0);
    expect(await open()).toHaveLength(1);
  });

  it('throws what it is told to throw instead', async () => {
    expect(await get('/instead')).toMatchObject({ status: 503, body: { message: 'somebody looks' } });
    expect(await open()).toHaveLength(1);
    expect(errors()).toEqual([]);
  });

  it('throws the error on unless told otherwise', async () => {
    expect((await get('/thrown-on')).status).toBe(500);
    expect(await open()).toHaveLength(1);
    expect(errors()).toEqual(['Error: the account is closed']);
  });

  it('leaves other errors alone', async () => {
    expect((await get('/unrelated')).status).toBe(500);
    expect(await open()).toEqual([]);
    expect(errors()).toEqual(['Error: a bug']);
  });

  it('leaves errors alone that are nobody’s business', async () => {
    expect((await get('/nobodys')).status).toBe(500);
    expect(await open()).toEqual([]);
  });

  it('says so and throws the error when the job cannot be kept', async () => {
    expect((await get('/unkept')).status).toBe(500);
    expect(await open()).toEqual([]);
    expect(errors()[0]).toMatch(/^No job refund.review could be raised for an error of Refunds.unkept: metadata/);
    expect(errors()).toHaveLength(2);
  });

  it('stands more than once on a method, the upper one hearing first', async () => {
    expect((await get('/both')).text).toBe('called');
    expect(await open()).toMatchObject([{ type: 'refund.review' }, { type: 'provider.call', metadata: {} }]);
  });

  it('does nothing to what succeeds', async () => {
    expect((await get('/fine')).text).toBe('fine');
    expect(await open()).toEqual([]);
  });

  it('stands on receivers of reliable events, whose delivery ends as the method did', async () => {
    await app.get(ReliableEvents).emit(new RefundWanted('20'));
    await until(async () => (await query('select from jobs_delivery')).length === 0, 'an empty jobs_delivery');
    expect(await open()).toMatchObject([{ type: 'refund.review', target_id: '20' }]);
    expect(await query('select reason from jobs_dead_letter')).toHaveLength(1);
  });

  it.each([
    ['no type', undefined, { errors: [Error] }, /type must be a class decorated with @JobType/],
    ['no errors', CallProvider, { errors: [] }, /errors must be a list of at least one class/],
    ['an error that is no class', CallProvider, { errors: ['Error'] }, /errors must be a list of at least one class/],
    ['a request that is no function', CallProvider, { errors: [Error], request: {} }, /request must be a function/],
    ['an option it does not know', CallProvider, { errors: [Error], recovers: 1 }, /recover/],
    ['no options', CallProvider, undefined, /must be an object with any of errors, request, recover/],
  ])('refuses %s', (_what, type, options, message) => {
    expect(() => RaiseJobOnError(type as never, options as never)).toThrow(message);
  });

  it('is checked by the compiler', () => {
    // @ts-expect-error the type's metadata is missing
    const untold = () => RaiseJobOnError(ReviewRefund, { errors: [RefundRefused], request: () => ({ target: 'x' }) });
    const told = () =>
      RaiseJobOnError(ReviewRefund, {
        errors: [RefundRefused],
        request: (error) => ({ metadata: { reason: error.paymentId } }),
      });
    expect([typeof untold, typeof told]).toEqual(['function', 'function']);
  });
});

import type { ServerResponse } from 'node:http';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  Injectable,
  type INestApplication,
  Module,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobsModule, OnReliableEvent, ReliableEvent, ReliableEvents } from '../../lib/index.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('thing.happened')
class Happened {
  constructor(readonly script: 'fine' | 'throws') {}
}

const received: string[] = [];
const asked: string[] = [];

@Injectable()
class Receivers {
  @OnReliableEvent(Happened, { id: 'thing.on-happened', retry: { attempts: 2, backoff: 'fixed', delay: 1 } })
  onHappened({ script }: Happened): void {
    received.push(script);
    if (script === 'throws') throw new Error('not handled');
  }
}

@Injectable()
class DenyEverything implements CanActivate {
  canActivate(): boolean {
    asked.push('guard');
    return false;
  }
}

@Catch()
class CatchEverything implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    asked.push('filter');
    host.switchToHttp().getResponse<ServerResponse>().writeHead(418).end();
  }
}

const refuse = (): never => {
  asked.push('other');
  throw new Error('only requests pass here');
};

describe('Global guards, filters, interceptors and pipes of an ordinary application', () => {
  let database: TestDatabase;
  let application: INestApplication;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await TestDatabase.create();
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, autoLoadEntities: true, synchronize: true }),
        JobsModule.forRoot(),
      ],
      providers: [
        Receivers,
        { provide: APP_GUARD, useClass: DenyEverything },
        { provide: APP_FILTER, useClass: CatchEverything },
        { provide: APP_INTERCEPTOR, useValue: { intercept: refuse } },
        { provide: APP_PIPE, useValue: { transform: refuse } },
      ],
    })
    class AppModule {}
    application = await NestFactory.create(AppModule, { logger: false });
    application.useGlobalGuards(new DenyEverything());
    application.useGlobalFilters(new CatchEverything());
    await application.listen(0);
    dataSource = application.get(DataSource);
    for (const script of ['fine', 'throws'] as const) await application.get(ReliableEvents).emit(new Happened(script));
    await until(async () => (await dataSource.query<unknown[]>('select from jobs_delivery')).length === 0);
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  it('stop no delivery', () => {
    expect(received.sort()).toEqual(['fine', 'throws', 'throws']);
  });

  it('turn no failure into success', async () => {
    expect(await dataSource.query('select reason from jobs_dead_letter')).toEqual([
      { reason: 'failed 2 times: not handled' },
    ]);
  });

  it('are not even asked', () => {
    expect(asked).toEqual([]);
  });

  it('still guard the requests', async () => {
    const { status } = await fetch(await application.getUrl());

    expect([status, asked]).toEqual([418, ['filter']]);
  });
});

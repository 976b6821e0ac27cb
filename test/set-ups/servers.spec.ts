import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type CanActivate, type INestApplication, type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ClientProxyFactory, type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { Client } from 'pg';
import { firstValueFrom } from 'rxjs';
import { ReliableEvents } from '../../lib/index.js';
import type * as Example from '../docs/set-ups/lamps.js';
import { freePort } from '../support/free-port.js';
import { Signal } from '../support/signal.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

describe('An application', () => {
  const environment = { ...process.env };
  let database: TestDatabase;
  let looking: Client;
  let example: typeof Example;
  let app: INestApplicationContext | undefined;

  beforeAll(async () => {
    Logger.overrideLogger(process.env['TEST_LOG'] === undefined ? false : new Logger());
    database = await TestDatabase.create();
    looking = new Client(database.url);
    await looking.connect();
    Object.assign(process.env, { DATABASE_URL: database.url, PORT: '0', TCP_PORT: String(await freePort()) });
    example = await import('../docs/set-ups/lamps.js');
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await looking.query('truncate jobs_event, jobs_delivery, jobs_dead_letter');
  });
  afterAll(async () => {
    await looking.end();
    process.env = environment;
    await database.drop();
  });

  async function started<Application extends INestApplicationContext>(
    starting: Promise<Application>,
  ): Promise<Application> {
    const application = await starting;
    app = application;
    return application;
  }

  const lit = (): readonly string[] => app!.get(example.Lamps).lit;
  const rows = async (sql: string): Promise<unknown[]> => (await looking.query(sql)).rows as unknown[];
  const workers = (): Promise<unknown[]> => rows('select from jobs_worker where ended_at is null');

  async function post(server: INestApplication, room: string): Promise<number | undefined> {
    // A connection of its own: one that is kept alive keeps a server from closing.
    const sent = request(`${await server.getUrl()}/lamps/${room}`, { method: 'POST', agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  const servers = [
    ['Express', () => example.startExpress()],
    ['Fastify', () => example.startFastify()],
    ['Express with a microservice', () => example.startHybrid()],
  ] as const;

  describe.each(servers)('on %s', (_, start) => {
    it('emits in a request and delivers', async () => {
      const server = await started(start());
      const status = await post(server, 'hall');
      await until(() => lit().length > 0);
      expect([status, lit()]).toEqual([201, ['hall']]);
    });

    it('leaves no worker behind when it is closed', async () => {
      const server = await started(start());
      const before = await workers();
      await server.close();
      app = undefined;
      expect([before.length, await workers()]).toEqual([1, []]);
    });

    it('lets a request that is under way emit after the worker has stopped, for the next to deliver', async () => {
      const server = await started(start());
      const [entered, gate] = [new Signal(), new Signal()];
      const work = server.get(example.Work);
      Reflect.set(work, 'done', () => {
        entered.give();
        return gate.given;
      });
      const posting = post(server, 'attic');
      await entered.given;
      const closing = server.close();
      await until(async () => (await workers()).length === 0);
      gate.give();
      const status = await posting;
      await closing;
      const waiting = await rows('select claims from jobs_delivery');
      await started(example.startContext());
      await until(() => lit().length > 0);
      expect([status, waiting, lit()]).toEqual([201, [{ claims: 0 }], ['attic']]);
    });
  });

  describe('that is a hybrid one', () => {
    const send = async (room: string): Promise<unknown> => {
      const client = ClientProxyFactory.create({
        transport: Transport.TCP,
        options: { port: Number(process.env['TCP_PORT']) },
      });
      try {
        return await firstValueFrom(client.send<unknown>('lamps.light', room));
      } finally {
        await client.close();
      }
    };

    it('emits in the transaction of a message handler and delivers, once', async () => {
      await started(example.startHybrid());
      const answer = await send('cellar');
      await until(() => lit().length > 0);
      await until(async () => (await rows('select from jobs_delivery')).length === 0);
      expect([answer, lit(), await rows('select name from jobs_receiver')]).toEqual([
        'cellar',
        ['cellar'],
        [{ name: 'lamps' }],
      ]);
    });

    it('guards requests and messages, and not deliveries', async () => {
      const asked: string[] = [];
      const guard: CanActivate = {
        canActivate: (context) => {
          asked.push(context.getType());
          return false;
        },
      };
      @Module({ imports: [example.AppModule], providers: [{ provide: APP_GUARD, useValue: guard }] })
      class GuardedModule {}
      const server = await started(NestFactory.create(GuardedModule));
      const options = { port: Number(process.env['TCP_PORT']) };
      server.connectMicroservice<MicroserviceOptions>(
        { transport: Transport.TCP, options },
        { inheritAppConfig: true },
      );
      await server.startAllMicroservices();
      await server.listen(0);
      const status = await post(server, 'garage');
      await expect(send('garage')).rejects.toMatchObject({ message: 'Forbidden resource' });
      await server.get(ReliableEvents).emit(new example.LampLit('hall'));
      await until(() => lit().length > 0);
      expect([status, lit(), asked]).toEqual([403, ['hall'], ['http', 'rpc']]);
    });
  });

  it('without a server receives, too', async () => {
    const context = await started(example.startContext());
    await context.get(ReliableEvents).emit(new example.LampLit('hall'));
    await until(() => lit().length > 0);
    expect(lit()).toEqual(['hall']);
  });
});

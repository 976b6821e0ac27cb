import { type INestApplication, Logger, type ModuleMetadata, type Type } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import request, { type Response } from 'supertest';
import { DataSource } from 'typeorm';

import { AccessTokens } from '../../../sample/auth/access-tokens.js';
import { AppModule, type AppModuleSettings } from '../../../sample/app.module.js';
import { serveOpenApi } from '../../../sample/http/open-api.js';
import type { OrderView } from '../../../sample/orders/orders.query.js';
import type { Principal } from '../../../lib/index.js';
import { PaymentsService } from '../../../sample/payments/payments.service.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { RatesServer } from './rates-server.js';

export interface SampleApplicationOptions extends Pick<ModuleMetadata, 'imports' | 'providers'> {
  readonly worker?: boolean;
}

const TOKEN_SECRET = 'test';

/** Headers of somebody of support, or of somebody who is known and nothing else. */
export function as(name: string, ...roles: readonly Principal[]): Record<string, string> {
  return { authorization: `Bearer ${new AccessTokens(TOKEN_SECRET).issue(`user:${name}`, roles)}` };
}

/** What Express keeps of its routes. */
interface ExpressRouter {
  readonly stack: readonly {
    readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  }[];
}

/** Says what to replace in the application before it is made. */
export type Adjust = (module: TestingModuleBuilder) => TestingModuleBuilder;

/** The sample as `npm start` runs it, on a database of its own and on a port of its own. */
export class SampleApplication {
  private constructor(
    readonly database: TestDatabase,
    readonly rates: RatesServer,
    private readonly app: INestApplication,
    readonly settings: AppModuleSettings,
    private readonly url: string,
  ) {}

  static async start({ worker = true, ...metadata }: SampleApplicationOptions = {}): Promise<SampleApplication> {
    const database = await TestDatabase.create();
    const rates = await RatesServer.start();
    const settings = {
      databaseUrl: database.url,
      ratesUrl: rates.url,
      worker,
      synchronize: true,
      tokenSecret: TOKEN_SECRET,
    };
    return SampleApplication.open(database, rates, settings, metadata);
  }

  private static async open(
    database: TestDatabase,
    rates: RatesServer,
    settings: AppModuleSettings,
    { imports = [], providers = [] }: Pick<ModuleMetadata, 'imports' | 'providers'>,
    adjust: Adjust = (module) => module,
  ): Promise<SampleApplication> {
    const builder = Test.createTestingModule({ imports: [AppModule.forRoot(settings), ...imports], providers });
    const module = await adjust(builder).compile();
    const app = module.createNestApplication();
    serveOpenApi(app);
    app.useLogger(process.env['TEST_LOG'] === undefined ? false : new Logger());
    await app.listen(0, '127.0.0.1');
    return new SampleApplication(database, rates, app, settings, await app.getUrl());
  }

  /** Ends the application and starts another one on the same database. */
  async restart(adjust: Adjust): Promise<SampleApplication> {
    await this.app.close();
    return SampleApplication.open(this.database, this.rates, this.settings, {}, adjust);
  }

  get<Provider>(type: Type<Provider>): Provider {
    return this.app.get(type, { strict: false });
  }

  get dataSource(): DataSource {
    return this.get(DataSource);
  }

  get payments(): PaymentsService {
    return this.get(PaymentsService);
  }

  async http(
    method: 'get' | 'post' | 'put',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const call = request(this.url)[method](path).set(headers);
    return body === undefined ? call : call.send(body);
  }

  /** Sends a body as it is, which need be no JSON. */
  async raw(
    method: 'get' | 'post' | 'put',
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number }> {
    return fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** Every route that is served, such as `get /orders/{id}`, whoever declared it. */
  routes(): string[] {
    const { router }: { readonly router: ExpressRouter } = this.app.getHttpAdapter().getInstance();
    return router.stack.flatMap(({ route }) => {
      if (route === undefined) return [];
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      return Object.keys(route.methods).map((method) => `${method} ${path}`);
    });
  }

  async order(amount = 10_000): Promise<OrderView> {
    const { body } = await this.http('post', '/orders', { amount }).then(expectStatus(201));
    return body as OrderView;
  }

  async find(orderId: string): Promise<OrderView> {
    const { body } = await this.http('get', `/orders/${orderId}`).then(expectStatus(200));
    return body as OrderView;
  }

  async webhook(paymentId: string, status: string): Promise<Response> {
    return this.http('post', '/payments/webhook', { paymentId, status });
  }

  async query<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, [...values]);
  }

  async count(table: string, condition = 'true'): Promise<number> {
    const [row] = await this.query<{ count: number }>(
      `select count(*)::int4 as count from ${table} where ${condition}`,
    );
    return row?.count ?? 0;
  }

  /** Resolves when no delivery is left. */
  async drained(): Promise<void> {
    await until(async () => (await this.count('jobs_delivery')) === 0, 'an empty jobs_delivery');
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.rates.stop();
    await this.database.drop();
  }
}

function expectStatus(status: number): (response: Response) => Response {
  return (response) => {
    if (response.status !== status) throw new Error(`${response.status} ${response.text}`);
    return response;
  };
}

import { type INestApplication, Logger, type ModuleMetadata, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request, { type Response } from 'supertest';
import { DataSource } from 'typeorm';

import { AppModule } from '../../../sample/app.module.js';
import type { OrderView } from '../../../sample/orders/orders.query.js';
import { PaymentsService } from '../../../sample/payments/payments.service.js';
import { TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { RatesServer } from './rates-server.js';

export interface SampleApplicationOptions extends Pick<ModuleMetadata, 'imports' | 'providers'> {
  readonly worker?: boolean;
}

/** The sample as `npm start` runs it, on a database of its own and on a port of its own. */
export class SampleApplication {
  private constructor(
    readonly database: TestDatabase,
    readonly rates: RatesServer,
    private readonly app: INestApplication,
    private readonly url: string,
  ) {}

  static async start({
    worker = true,
    imports = [],
    providers = [],
  }: SampleApplicationOptions = {}): Promise<SampleApplication> {
    const database = await TestDatabase.create();
    const rates = await RatesServer.start();
    const settings = { databaseUrl: database.url, ratesUrl: rates.url, worker, synchronize: true };
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot(settings), ...imports],
      providers,
    }).compile();
    const app = module.createNestApplication();
    app.useLogger(process.env['TEST_LOG'] === undefined ? false : new Logger());
    await app.listen(0, '127.0.0.1');
    return new SampleApplication(database, rates, app, await app.getUrl());
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
    method: 'get' | 'post',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const call = request(this.url)[method](path).set(headers);
    return body === undefined ? call : call.send(body);
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

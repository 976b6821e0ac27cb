import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { JobNotFoundError, JobsService, ReliableEvents } from '../../lib/index.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Code shown on its own begins at the left. */
function dedent(code: string): string {
  const lines = code.replace(/^\n/, '').split('\n');
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((line) => line.slice(indent)).join('\n');
}

describe('README', () => {
  it('shows the example as it is run below, to the letter', () => {
    const readme = read('README.md');
    const regions = ['readme-example', 'readme-jobs-example'].flatMap((example) =>
      [...read(`test/docs/${example}.ts`).matchAll(/\/\/ #region \w+\n([\s\S]*?)\/\/ #endregion/g)].map(
        ([, code = '']) => dedent(code).trim(),
      ),
    );

    expect(regions).toHaveLength(8);
    for (const region of regions) expect(readme).toContain(region);
  });

  it('links to files that are there', () => {
    for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);
      expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    }
  });

  describe('its example of a job', () => {
    let database: TestDatabase;
    let application: INestApplicationContext;
    const url = process.env['DATABASE_URL'];

    beforeAll(async () => {
      database = await TestDatabase.create();
      process.env['DATABASE_URL'] = database.url;
      const { AppModule } = await import('./readme-jobs-example.js');
      application = await NestFactory.createApplicationContext(AppModule, { logger: false });
    });
    afterAll(async () => {
      await application.close();
      process.env['DATABASE_URL'] = url;
      await database.drop();
    });

    it('invites, and completes the job when the payment method is there', async () => {
      const { Accounts, AddPaymentMethod, Mailer, PaymentMethodAdded } = await import('./readme-jobs-example.js');
      const [jobs, mailer] = [application.get(JobsService), application.get(Mailer)];

      const account = await application.get(Accounts).open('ann@example.com');
      await until(() => mailer.sent.length === 1);
      const [job] = await jobs.findPending(AddPaymentMethod, { target: account });
      const stranger = jobs.as({ id: 'user:0' });
      await expect(stranger.get(job?.id ?? '')).rejects.toThrow(JobNotFoundError);
      await application.get(ReliableEvents).emit(new PaymentMethodAdded(account.id));
      await until(async () => (await jobs.find(job?.id ?? ''))?.status === 'completed');

      expect(mailer.sent).toEqual(['an invitation to ann@example.com']);
      expect((await jobs.find(job?.id ?? ''))?.closeReason).toBe('event');
    });
  });

  describe('its example', () => {
    let database: TestDatabase;
    let application: INestApplicationContext;
    const url = process.env['DATABASE_URL'];

    beforeAll(async () => {
      database = await TestDatabase.create();
      process.env['DATABASE_URL'] = database.url;
      const { AppModule } = await import('./readme-example.js');
      application = await NestFactory.createApplicationContext(AppModule, { logger: false });
    });
    afterAll(async () => {
      await application.close();
      process.env['DATABASE_URL'] = url;
      await database.drop();
    });

    it('completes the order and counts the payment', async () => {
      const { Metric, Order, Payment, Payments } = await import('./readme-example.js');
      const { manager } = application.get(DataSource);
      const payment = await manager.save(manager.create(Payment, {}));
      const order = await manager.save(manager.create(Order, { paymentId: payment.id }));
      await manager.save(manager.create(Metric, { name: 'paid', value: 0 }));

      await application.get(Payments).succeed(payment);
      await until(async () => (await manager.findOneByOrFail(Order, { id: order.id })).status === 'completed');
      await until(async () => (await manager.findOneByOrFail(Metric, { name: 'paid' })).value === 2);

      expect((await manager.findOneByOrFail(Payment, { id: payment.id })).status).toBe('succeeded');
    });
  });
});

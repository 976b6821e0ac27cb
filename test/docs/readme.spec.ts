import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('README', () => {
  it('shows the example as it is run below, to the letter', () => {
    const readme = read('README.md');
    const example = read('test/docs/readme-example.ts');
    const regions = [...example.matchAll(/\/\/ #region \w+\n([\s\S]*?)\/\/ #endregion/g)].map(([, code = '']) =>
      code.trim(),
    );

    expect(regions).toHaveLength(4);
    for (const region of regions) expect(readme).toContain(region);
  });

  it('links to files that are there', () => {
    for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);
      expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    }
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

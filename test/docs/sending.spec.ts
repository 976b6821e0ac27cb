import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { InProcessEvents, ReliableEvents } from '../../lib/index.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const PAGE = join(__dirname, '../../docs/sending.md');
const PAYMENT = { id: '4c0de8f6-5e2f-4f6a-9f39-6a3a4c4c2f11' };
const read = (path: string): string => readFileSync(path, 'utf8');

/** Code shown on its own begins at the left, and is a statement where in the example it may be an item of a list. */
function shown(code: string): string {
  const lines = code.replace(/^\n/, '').split('\n');
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines
    .map((line) => line.slice(indent))
    .join('\n')
    .trim()
    .replace(/,$/, '');
}

describe('The page on sending', () => {
  it('shows the example as it is run below, to the letter', () => {
    const example = read(join(__dirname, 'sending-example.ts'));
    const regions = [...example.matchAll(/\/\/ #region \w+\n([\s\S]*?)\/\/ #endregion/g)].map(([, code = '']) =>
      shown(code),
    );
    expect(regions).toHaveLength(6);
    for (const region of regions) expect(read(PAGE)).toContain(region);
  });

  it('links to files that are there', () => {
    const links = [...read(PAGE).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((path) => !existsSync(join(dirname(PAGE), path)))).toEqual([]);
  });

  describe('its example', () => {
    let database: TestDatabase;
    let application: INestApplicationContext;
    const url = process.env['DATABASE_URL'];

    beforeAll(async () => {
      database = await TestDatabase.create();
      process.env['DATABASE_URL'] = database.url;
      const { AppModule } = await import('./sending-example.js');
      application = await NestFactory.createApplicationContext(AppModule, { logger: false });
    });
    afterAll(async () => {
      await application.close();
      process.env['DATABASE_URL'] = url;
      await database.drop();
    });

    it('completes the order, in whichever way it is told, and lets the plain listener hear of it', async () => {
      const { Order, Payments, PlainListener } = await import('./sending-example.js');
      const { manager } = application.get(DataSource);
      const order = await manager.save(manager.create(Order, { paymentId: PAYMENT.id }));

      const answers = await application.get(Payments).complete(PAYMENT);
      await until(() => application.get(PlainListener).heard.length > 0);

      expect(answers).toEqual([{ receiver: 'order.on-payment-completed', value: undefined }]);
      expect((await manager.findOneByOrFail(Order, { id: order.id })).status).toBe('completed');
    });

    it('refreshes open pages while it is connected', async () => {
      const { Pages, PaymentCompleted, Payments } = await import('./sending-example.js');
      const sent = (): Promise<void> => application.get(InProcessEvents).send(new PaymentCompleted(PAYMENT.id));
      await application.get(Payments).open();
      await sent();
      await application.get(Payments).close();
      await sent();
      expect(application.get(Pages).refreshed).toEqual([PAYMENT.id]);
    });

    it('scans what is uploaded', async () => {
      const { FileStored, Scanner } = await import('./sending-example.js');
      const events = application.get(ReliableEvents);
      await events.emit(new FileStored('import.csv'), { sender: 'imports' });
      await events.emit(new FileStored('cat.jpg'), { sender: 'uploads' });
      await until(() => application.get(Scanner).scanned.length > 0);
      expect(application.get(Scanner).scanned).toEqual(['cat.jpg']);
    });
  });
});

import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { AppModule, type AppModuleSettings } from '../../sample/app.module.js';
import { OrdersService } from '../../sample/orders/orders.service.js';
import { PaymentsService } from '../../sample/payments/payments.service.js';
import { EffectsModule } from '../sample/support/effects.module.js';

/** What the process is told to do; see test/sample/support/fleet.ts. */
interface SampleProcessTask extends AppModuleSettings {
  /** Whether it lets customers pay orders, one after another, until it is killed. */
  readonly stream: boolean;
}

const CUSTOMERS = 3;
const AMOUNT = 1_000;
const FAILING = 0.2;

async function main(): Promise<void> {
  // When the test that would kill it dies first.
  process.on('disconnect', () => process.exit());
  const { stream, ...settings } = JSON.parse(process.argv[2] ?? '') as SampleProcessTask;
  class ProcessModule {}
  const app = await NestFactory.createApplicationContext(
    { module: ProcessModule, imports: [AppModule.forRoot(settings), EffectsModule] },
    { logger: process.env['TEST_LOG'] === undefined ? false : ['warn', 'error', 'fatal'] },
  );
  process.send?.('ready');
  if (!stream) return;
  const [orders, payments] = [app.get(OrdersService, { strict: false }), app.get(PaymentsService, { strict: false })];
  await Promise.all(Array.from({ length: CUSTOMERS }, () => payForEver(orders, payments)));
}

async function payForEver(orders: OrdersService, payments: PaymentsService): Promise<never> {
  for (;;) {
    const { paymentId } = await orders.create(AMOUNT);
    await payments.setStatus(paymentId, Math.random() < FAILING ? 'failed' : 'succeeded');
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

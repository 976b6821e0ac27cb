import { setTimeout as sleep } from 'node:timers/promises';

import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import type { Order } from '../../orders/order.entity.js';
import { OrdersQuery } from '../../orders/orders.query.js';
import { OrdersService } from '../../orders/orders.service.js';
import { PaymentsService } from '../../payments/payments.service.js';
import { CustomerMessages } from '../customer-messages.js';
import { DemoModule } from '../demo.module.js';
import type { CrashChildTask } from './crash-child.messages.js';
import { CrashChild } from './crash-child.process.js';
import type { CrashTrial, WorldState } from './crash-trial.js';
import { hitsReceiver, kills, type Trouble } from './trouble.js';
import type { Way } from './way.js';
import { callWebhook } from './webhook.js';

const AMOUNT = 10_000;
const PAUSE = 20;
const DEADLINE = 30_000;

/** What the children need to know. */
export interface CrashExperimentSettings {
  readonly databaseUrl: string;
  /** The compiled `crash-child.js`. */
  readonly childScript: string;
}

/** Lets an order be paid while something goes wrong, in processes of their own, and looks at what is left. */
export class CrashExperiment {
  private constructor(
    private readonly settings: CrashExperimentSettings,
    /** A healthy process that never works on deliveries. */
    private readonly app: INestApplicationContext,
  ) {}

  static async open(settings: CrashExperimentSettings): Promise<CrashExperiment> {
    return new CrashExperiment(settings, await start(settings.databaseUrl, { worker: false, synchronize: true }));
  }

  async close(): Promise<void> {
    await this.app.close();
  }

  /** Goes through one trouble in one way, to the end. */
  async run(way: Way, trouble: Trouble): Promise<CrashTrial> {
    const order = await this.app.get(OrdersService).create(AMOUNT);
    const { paymentId } = order;
    const answer =
      way === 'reliable' && hitsReceiver(trouble)
        ? await this.callWithWorkerInTrouble(trouble, order)
        : await this.callInTrouble(way, trouble, paymentId);
    const afterwards = await this.look(order.id);
    if (answer === null || answer.error !== null) await callWebhook(this.app, way, paymentId);
    if (way === 'reliable') await this.work(order.id);
    return { way, trouble, paymentId, afterwards, atTheEnd: await this.look(order.id), answer };
  }

  /** The webhook is called in a process that gets into trouble. */
  private async callInTrouble(way: Way, trouble: Trouble, paymentId: string): Promise<CrashTrial['answer']> {
    const child = this.fork({ trouble, worker: false, call: { way, paymentId } });
    try {
      const report = await child.report('dying', 'answered');
      return report.kind === 'dying' ? null : report;
    } finally {
      await child.kill();
    }
  }

  /** The webhook is called in a healthy process, while the only worker gets into trouble. */
  private async callWithWorkerInTrouble(
    trouble: Trouble,
    { id: orderId, paymentId }: Order,
  ): Promise<CrashTrial['answer']> {
    const child = this.fork({ trouble, worker: true });
    try {
      await child.report('ready');
      const started = performance.now();
      await this.app.get(PaymentsService).setStatus(paymentId, 'succeeded');
      const answer = { error: null, milliseconds: performance.now() - started };
      if (kills(trouble)) await child.report('dying');
      else await this.settled(orderId);
      return answer;
    } finally {
      await child.kill();
    }
  }

  private fork(task: Omit<CrashChildTask, 'databaseUrl'>): CrashChild {
    return new CrashChild(this.settings.childScript, { ...task, databaseUrl: this.settings.databaseUrl });
  }

  /** A healthy worker does what is left. */
  private async work(orderId: string): Promise<void> {
    const worker = await start(this.settings.databaseUrl, { worker: true, synchronize: false });
    try {
      await this.settled(orderId);
    } finally {
      await worker.close();
    }
  }

  /** Waits until both receivers have done what they had to, but not for ever: whether they have is judged elsewhere. */
  private async settled(orderId: string): Promise<void> {
    const deadline = performance.now() + DEADLINE;
    while (performance.now() < deadline) {
      const { order, messages } = await this.look(orderId);
      if (order !== 'pending_payment' && messages > 0) return;
      await sleep(PAUSE);
    }
  }

  private async look(orderId: string): Promise<WorldState> {
    const order = await this.app.get(OrdersQuery, { strict: false }).find(orderId);
    if (order === null) throw new Error(`order ${orderId} is gone`);
    const messages = await this.app.get(CustomerMessages).count(order.payment.id);
    return { payment: order.payment.status, order: order.status, messages };
  }
}

async function start(
  databaseUrl: string,
  how: { readonly worker: boolean; readonly synchronize: boolean },
): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(DemoModule.forRoot({ databaseUrl, ...how }), { logger: false });
}

import { setTimeout as sleep } from 'node:timers/promises';

import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';

import type { Order } from '../../orders/order.entity.js';
import { OrdersService } from '../../orders/orders.service.js';
import { PaymentsService } from '../../payments/payments.service.js';
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

const LOOK = `
  select p.status as payment, o.status as "order", o.xmin::text as "orderRevision",
    (select count(*)::int4 from demo_customer_message m where m.payment_id = p.id) as messages,
    (select count(*)::int4 from jobs_event e where e.payload ->> 'paymentId' = p.id::text) as events,
    (select count(*)::int4 from jobs_delivery d join jobs_event e on e.id = d.event_id
      where e.payload ->> 'paymentId' = p.id::text) as deliveries
  from orders o join payment p on p.id = o.payment_id where o.id = $1`;

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

  /** Waits until no delivery is left, but not for ever: what is left then is judged elsewhere. */
  private async settled(orderId: string): Promise<void> {
    const deadline = performance.now() + DEADLINE;
    while (performance.now() < deadline) {
      if ((await this.look(orderId)).deliveries === 0) return;
      await sleep(PAUSE);
    }
  }

  private async look(orderId: string): Promise<WorldState> {
    const [state] = await this.app.get(DataSource).query<WorldState[]>(LOOK, [orderId]);
    if (state === undefined) throw new Error(`order ${orderId} is gone`);
    return state;
  }
}

async function start(
  databaseUrl: string,
  how: { readonly worker: boolean; readonly synchronize: boolean },
): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(DemoModule.forRoot({ databaseUrl, ...how }), { logger: false });
}

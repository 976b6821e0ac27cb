import { resolve } from 'node:path';

import { type EntitySubscriberInterface, DataSource } from 'typeorm';

import { CrashExperiment } from '../../sample/demo/crash/crash-experiment.js';
import { type CrashTrial, verdictOn } from '../../sample/demo/crash/crash-trial.js';
import type { Trouble } from '../../sample/demo/crash/trouble.js';
import type { Way } from '../../sample/demo/crash/way.js';
import { TestDatabase } from '../support/test-database.js';
import { SampleApplication } from './support/sample-application.js';

const childScript = resolve(__dirname, '../../.build/sample/demo/crash/crash-child.js');

/** Carries a trial out on a database of its own: no other worker may meddle. */
async function tryOut(way: Way, trouble: Trouble): Promise<CrashTrial> {
  const database = await TestDatabase.create();
  try {
    const experiment = await CrashExperiment.open({ databaseUrl: database.url, childScript });
    try {
      return await experiment.run(way, trouble);
    } finally {
      await experiment.close();
    }
  } finally {
    await database.drop();
  }
}

const NOTHING_HAPPENED = { payment: 'initiated', order: 'pending_payment', messages: 0, events: 0, deliveries: 0 };
const ALL_DONE = { payment: 'succeeded', order: 'completed', events: 1, deliveries: 0 };

describe('A process killed with SIGKILL, with a reliable event', () => {
  // A worker that has just started waits ten seconds before it takes another one for dead. The two trials can do so together.
  let recoveries: Readonly<Record<'mid-receiver' | 'after-receiver', Promise<CrashTrial>>>;

  beforeAll(() => {
    recoveries = {
      'mid-receiver': tryOut('reliable', 'mid-receiver'),
      'after-receiver': tryOut('reliable', 'after-receiver'),
    };
  });
  afterAll(async () => {
    await Promise.allSettled(Object.values(recoveries));
  });

  it('R1: before the transaction: nothing happened, and the notice sent again works', async () => {
    const { answer, afterwards, atTheEnd } = await tryOut('reliable', 'before');

    expect(answer).toBeNull();
    expect(afterwards).toMatchObject(NOTHING_HAPPENED);
    expect(atTheEnd).toMatchObject({ ...ALL_DONE, messages: 1 });
  });

  it('R2: inside, after the emit: nothing happened, no receiver ran, and the notice sent again works', async () => {
    const { answer, afterwards, atTheEnd } = await tryOut('reliable', 'inside');

    expect(answer).toBeNull();
    expect(afterwards).toMatchObject(NOTHING_HAPPENED);
    expect(atTheEnd).toMatchObject({ ...ALL_DONE, messages: 1 });
  });

  it('R3: after the commit: the deliveries are there, and a worker started later completes the order', async () => {
    const { answer, afterwards, atTheEnd } = await tryOut('reliable', 'after-commit');

    expect(answer).toBeNull();
    expect(afterwards).toMatchObject({
      payment: 'succeeded',
      order: 'pending_payment',
      messages: 0,
      events: 1,
      deliveries: 2,
    });
    expect(atTheEnd).toMatchObject({ ...ALL_DONE, messages: 1 });
  });

  it('R4: in the middle of the receiver: what it wrote is rolled back, and another worker runs it', async () => {
    const { answer, afterwards, atTheEnd } = await recoveries['mid-receiver'];

    expect(answer).toMatchObject({ error: null });
    expect(afterwards).toMatchObject({ payment: 'succeeded', order: 'pending_payment', events: 1 });
    expect(afterwards.deliveries).toBeGreaterThan(0);
    expect(atTheEnd).toMatchObject(ALL_DONE);
    expect(atTheEnd.messages).toBeGreaterThan(0);
  }, 60_000);

  it('R5: after the receiver’s commit: its delivery is gone with it, and the order is not written again', async () => {
    const { answer, afterwards, atTheEnd } = await recoveries['after-receiver'];

    expect(answer).toMatchObject({ error: null });
    expect(afterwards).toMatchObject({ payment: 'succeeded', order: 'completed', events: 1 });
    expect(afterwards.deliveries).toBeLessThan(2);
    expect(atTheEnd).toMatchObject({ ...ALL_DONE, orderRevision: afterwards.orderRevision });
  }, 60_000);
});

describe('A sender that fails, with a reliable event', () => {
  let sample: SampleApplication;

  beforeAll(async () => {
    sample = await SampleApplication.start();
  });
  afterAll(() => sample.close());

  it('R6: by throwing after the emit: nothing is there', async () => {
    const { payment } = await sample.order();
    const throwing: EntitySubscriberInterface = {
      beforeTransactionCommit: () => {
        throw new Error('changed my mind');
      },
    };
    sample.get(DataSource).subscribers.push(throwing);
    try {
      await expect(sample.payments.setStatus(payment.id, 'succeeded')).rejects.toThrow('changed my mind');
    } finally {
      sample.get(DataSource).subscribers.pop();
    }

    expect(await sample.payments.get(payment.id)).toMatchObject({ status: 'initiated' });
    expect(await sample.count('jobs_event')).toBe(0);
    expect(await sample.count('jobs_delivery')).toBe(0);
  });

  it('R7: because the event cannot be stored: the sender sees the error and has changed nothing', async () => {
    const { payment } = await sample.order();
    await sample.query(`alter table jobs_event add constraint full_disk check (name <> 'payment.completed') not valid`);
    try {
      await expect(sample.payments.setStatus(payment.id, 'succeeded')).rejects.toThrow('full_disk');
      expect((await sample.webhook(payment.id, 'succeeded')).status).toBe(500);
    } finally {
      await sample.query('alter table jobs_event drop constraint full_disk');
    }

    expect(await sample.payments.get(payment.id)).toMatchObject({ status: 'initiated' });
    expect((await sample.webhook(payment.id, 'succeeded')).body).toEqual({ changed: true });
  });
});

describe('R10: plain events, in the same troubles', () => {
  it.each([
    ['send-after', 'after-commit', 'LOST: succeeded, order pending_payment'],
    ['send-after', 'mid-receiver', 'LOST: succeeded, order pending_payment'],
    ['send-after', 'after-receiver', 'LOST: the customer is never told'],
    ['send-after', 'receiver-throws', 'LOST: succeeded, order pending_payment'],
    ['send-inside', 'inside', 'LIED: customer told, then rolled back'],
    ['send-inside', 'receiver-throws', 'BROKE THE SENDER: it rolled back'],
  ] as const)('%s, %s: %s', async (way, trouble, text) => {
    expect(verdictOn(await tryOut(way, trouble))).toEqual({ fine: false, text });
  });
});

import { Injectable } from '@nestjs/common';
import { Lifecycle, type LifecycleEvent, OnReliableEvent, ReceiverNotFoundError, Receivers } from '../../lib/index.js';
import { OperatedApplication } from './support/operated-application.js';

@Injectable()
class Orders {
  @OnReliableEvent('order.paid', { id: 'orders' })
  onPaid(): void {}
}

type Action = (receivers: Receivers, id: string, options: { actor: string }) => Promise<void>;

describe('An action on a receiver', () => {
  let app: OperatedApplication;
  let receivers: Receivers;
  const told: LifecycleEvent[] = [];

  const ACTIONS: readonly (readonly [string, Action, string, object | null, object])[] = [
    ['pause', (of, id, options) => of.pause(id, options), 'receiver.paused', null, { kind: 'paused' }],
    ['resume', (of, id, options) => of.resume(id, options), 'receiver.resumed', null, { kind: 'resumed' }],
    [
      'setConcurrency',
      (of, id, options) => of.setConcurrency(id, 5, options),
      'receiver.concurrency-set',
      { concurrency: 5 },
      { kind: 'concurrencyChanged', concurrency: 5 },
    ],
    ['retire', (of, id, options) => of.retire(id, options), 'receiver.retired', null, { kind: 'retired' }],
  ];

  beforeAll(async () => {
    app = await OperatedApplication.start([Orders]);
    receivers = app.application.context.get(Receivers, { strict: false });
    app.application.context.get(Lifecycle, { strict: false }).onAny((event) => told.push(event));
  });
  beforeEach(async () => {
    told.length = 0;
    await app.rows('truncate jobs_audit');
    await app.rows(
      'update jobs_receiver set paused_at = null, paused_by = null, concurrency = null, retired_at = null',
    );
  });
  afterAll(() => app.close());

  it.each(ACTIONS)('%s leaves who did it in the audit, and is told of', async (_, act, action, details, event) => {
    await act(receivers, 'orders', { actor: 'user:7' });
    expect((await app.audit.list()).items).toMatchObject([
      { actor: 'user:7', action, subject: 'receiver:orders', details: details ?? {} },
    ]);
    expect(told).toEqual([
      { kind: 'acted', actor: 'user:7', action, subject: 'receiver:orders', reason: null, details: details ?? {} },
      { ...event, receiverId: 'orders', actor: 'user:7' },
    ]);
  });

  it.each(ACTIONS)('%s changes nothing when it cannot be recorded', async (_, act) => {
    const rows = (): Promise<unknown> => app.rows('select * from jobs_receiver');
    const before = await rows();
    await app.rows('alter table jobs_audit rename to jobs_audit_away');
    await expect(act(receivers, 'orders', { actor: 'user:7' })).rejects.toThrow('jobs_audit');
    await app.rows('alter table jobs_audit_away rename to jobs_audit');
    expect([await rows(), told]).toEqual([before, []]);
  });

  it.each(ACTIONS)('%s of a receiver that nobody registered says so', async (_, act) => {
    await expect(act(receivers, 'ordres', { actor: 'user:7' })).rejects.toThrow(ReceiverNotFoundError);
    expect(await app.rows('select from jobs_audit')).toEqual([]);
  });

  it.each(ACTIONS)('%s is refused without an actor, or with what is no id', async (verb, act) => {
    await expect(act(receivers, 'orders', {} as never)).rejects.toThrow(`Receivers.${verb}: option actor must be`);
    await expect(act(receivers, 7 as never, { actor: 'user:7' })).rejects.toThrow(
      `Receivers.${verb}: option id must be the id of a receiver`,
    );
    await expect(act(receivers, 'a\0b', { actor: 'user:7' })).rejects.toThrow('\\u0000');
    expect(await app.rows('select from jobs_audit')).toEqual([]);
  });

  it.each([0, 1.5, 10_001, '3', undefined])('setConcurrency refuses %p', async (concurrency) => {
    await expect(receivers.setConcurrency('orders', concurrency as number, { actor: 'user:7' })).rejects.toThrow(
      'Receivers.setConcurrency: option concurrency must be an integer from 1 to 10000',
    );
  });

  it('is seen in the list', async () => {
    await receivers.pause('orders', { actor: 'user:7' });
    await receivers.pause('orders', { actor: 'user:8' });
    await receivers.setConcurrency('orders', 3, { actor: 'user:7' });
    expect(await receivers.list()).toMatchObject([
      { id: 'orders', paused: true, pausedBy: 'user:7', pausedAt: expect.any(Date), concurrency: 3 },
    ]);
    await receivers.resume('orders', { actor: 'user:7' });
    await receivers.setConcurrency('orders', null, { actor: 'user:7' });
    expect(await receivers.list()).toMatchObject([
      { paused: false, pausedBy: null, pausedAt: null, concurrency: null },
    ]);
  });
});

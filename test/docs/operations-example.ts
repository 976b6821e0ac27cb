import { Injectable } from '@nestjs/common';
import { AuditLog, DeadLetters, Deliveries, EventLog, OnReliableEvent, ReliableEvent } from '../../lib/index.js';

@ReliableEvent('order.paid')
export class OrderPaid {
  constructor(readonly orderId: string) {}
}

@Injectable()
export class Shipping {
  open = false;

  @OnReliableEvent(OrderPaid, { id: 'order.ship', retry: { attempts: 2, backoff: 'fixed', delay: '1h', jitter: 0 } })
  ship(event: OrderPaid): void {
    if (!this.open) throw new Error(`The shop in "${event.orderId}" is closed.`);
  }

  @OnReliableEvent(OrderPaid, { id: 'analytics.on-order-paid' })
  count(): void {
    // nothing that could fail
  }
}

/** What the page on operations shows. */
export class OperationsExample {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly deadLetters: DeadLetters,
    private readonly events: EventLog,
    private readonly audit: AuditLog,
  ) {}

  async look(): Promise<unknown> {
    const { deliveries } = this;
    // #region look
    const page = await deliveries.list({ receiver: 'order.ship', state: 'retrying', limit: 50 });
    const more =
      page.next === null
        ? null
        : await deliveries.list({ receiver: 'order.ship', state: 'retrying', limit: 50, after: page.next });

    const { count, capped } = await deliveries.count({ receiver: 'order.ship' });
    const label = capped ? `${count}+` : `${count}`; // '10000+'

    const [first] = page.items;
    const details = first && (await deliveries.find(first.id)); // with its event, every failure, and who has it
    // #endregion
    return { page, more, label, details };
  }

  async act(failing: string, early: string, hopeless: string): Promise<unknown> {
    const { deliveries } = this;
    // #region act
    const actor = 'user:7';
    const { changed, busy } = await deliveries.retry(failing, { actor }); // now; ids of what was changed, and of what runs
    await deliveries.reschedule(early, new Date(Date.now() + 3_600_000), { actor });
    await deliveries.discard(hopeless, { actor, reason: 'sent by hand' });
    // #endregion
    return { changed, busy };
  }

  async redrive(): Promise<unknown> {
    const { deadLetters } = this;
    // #region redrive
    const { items: errors } = await deadLetters.errors({ receiver: 'order.ship' });
    const [worst] = [...errors].sort((one, other) => other.count - one.count);
    // { error: 'Error', message: 'The shop in … is closed.', count: 2, firstSeen, lastSeen, errorGroup }

    const filter = { receiver: 'order.ship', errorGroup: worst?.errorGroup };
    const planned = await deadLetters.redriveMatching(filter, { actor: 'user:7', dryRun: true });
    let next: string | null | undefined;
    while (next !== null) {
      const after = next === undefined ? {} : { after: next };
      ({ next } = await deadLetters.redriveMatching(filter, { actor: 'user:7', rate: 100, ...after }));
    }
    // #endregion
    return { worst, planned };
  }

  async replay(eventId: string): Promise<unknown> {
    const { events } = this;
    // #region replay
    const status = await events.status(eventId); // which receivers it went to, and what became of each
    await events.replay(eventId, { actor: 'user:7', receiver: 'order.ship' });
    // #endregion
    return status;
  }

  async replaySpan(): Promise<unknown> {
    const { events } = this;
    // #region replaySpan
    const tuesday = {
      receiver: 'analytics.on-order-paid',
      event: 'order.paid',
      from: new Date('2030-01-01T00:00:00Z'),
      to: new Date('2030-01-02T00:00:00Z'),
      scope: 'missed', // what was never delivered to it; 'all' runs again what it had already
      actor: 'user:7',
    } as const;
    const { changed } = await events.replaySpan({ ...tuesday, dryRun: true });
    const done = await events.replaySpan({ ...tuesday, rate: 200, limit: 10_000 }); // then again with after: done.next
    // #endregion
    return { changed, done };
  }

  async who(): Promise<unknown> {
    const { audit } = this;
    // #region audit
    const { items } = await audit.list({ subject: 'delivery:17.3' }); // or by actor, action, from, to
    // [{ at, actor: 'user:7', action: 'delivery.discarded', reason: 'sent by hand', … }]
    // #endregion
    return items;
  }
}

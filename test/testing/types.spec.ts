import type { DeliveredRun, JobsTesting } from '../../lib/testing/index.js';
import { Order, OrderCompleted, PaymentCompleted, ReviewOrder } from './support/shop.js';

/** Compiled and never called: what the kit lets a test write is said by its types. */
export async function written(jobs: JobsTesting, find: () => Promise<Order | null>): Promise<void> {
  const order: Order = await jobs.scenario(new PaymentCompleted('p1', 'o1')).until(find);
  const completed: OrderCompleted = await jobs.scenario(() => order).untilEmitted(OrderCompleted, { orderId: 'o1' });
  const runs: readonly DeliveredRun[] = await jobs.drain({ until: ({ outcome }) => outcome === 'dead' });
  expect([completed, runs]).toBeDefined();
  expect(jobs).toHaveEmitted(PaymentCompleted, { orderId: 'o1' }, { times: 1, key: 'o1' });
  expect(jobs).toHaveDelivered('payment.*', undefined, { outcome: 'retried' });
  expect(jobs).toHaveRequested(ReviewOrder, { target: 'o1' }, { times: 1 });

  // @ts-expect-error The condition answers with an order.
  const text: string = await jobs.scenario(() => order).until(find);
  // @ts-expect-error Orders have ids of text.
  await jobs.scenario(() => text).untilEmitted(OrderCompleted, { orderId: 7 });
  // @ts-expect-error A payment has no such field.
  expect(jobs).toHaveEmitted(PaymentCompleted, { order: 'o1' });
  // @ts-expect-error A receiver is named by its id.
  expect(jobs).toHaveDelivered(PaymentCompleted, undefined, { to: 7 });
  // @ts-expect-error There is no such outcome.
  expect(jobs).toHaveDelivered(PaymentCompleted, undefined, { outcome: 'done' });
  // @ts-expect-error An order is no type of job's expectation.
  expect(jobs).toHaveRequested(ReviewOrder, { order });
  // @ts-expect-error Events are told by class, definition or name.
  expect(jobs).toHaveEmittedInOrder([new PaymentCompleted('p1', 'o1')]);
  // @ts-expect-error There is no such option.
  await jobs.drain({ delayed: true });
  // @ts-expect-error There is no such fact.
  jobs.facts('done', ReviewOrder);
}

it('is compiled', () => expect(written).toBeInstanceOf(Function));

import type { Receiver } from '../../../lib/engine/receivers/receiver.js';
import { ReceiverLane, type WaitingDelivery } from '../../../lib/engine/worker/receiver-lane.js';

const receiver: Receiver = {
  id: 'orders',
  aliases: [],
  subscriptions: [{ pattern: 'order.paid', version: null }],
  sender: null,
  reach: 'both',
  retry: { attempts: 1, delay: () => 0, jitter: 0, isFinal: () => false },
  timeout: null,
  concurrency: null,
  transactional: false,
  invoke: () => Promise.resolve(),
};

const waiting = (count: number, priority = 4): WaitingDelivery[] =>
  Array.from({ length: count }, (_, index) => ({
    delivery: {
      eventId: String(index),
      receiver: 1,
      version: 1,
      priority,
      readyXid: '1',
      claims: 1,
      attempts: 0,
      interruptions: 0,
    },
    event: {
      id: String(index),
      name: 'order.paid',
      version: 1,
      payload: '{}',
      headers: {},
      correlationId: null,
      tenant: null,
      key: null,
      createdAt: new Date(0),
    },
  }));

describe('ReceiverLane', () => {
  const now = (milliseconds: number): void => void jest.spyOn(performance, 'now').mockReturnValue(milliseconds);
  let lane: ReceiverLane;

  beforeEach(() => {
    now(0);
    lane = new ReceiverLane(1, receiver, 2, 100, 1_000);
  });
  afterEach(() => jest.restoreAllMocks());

  /** Runs so many deliveries within a millisecond, as a fast receiver does. */
  function work(count: number): void {
    lane.expect(count);
    lane.arrive(waiting(count), count);
    for (let index = 0; index < count; index += 1) {
      lane.take();
      lane.finish();
    }
  }

  it('asks for what it can start, as long as it does not know how fast its receiver is', () => {
    expect(lane.demand).toBe(2);
  });

  it('asks for more once its receiver has shown that it is fast, up to the batch', () => {
    lane.measure(1);
    work(50);
    lane.measure(11);
    expect(lane.demand).toBe(100);
  });

  it('starts no more at once than it may', () => {
    lane.expect(3);
    lane.arrive(waiting(3), 3);
    expect([lane.take(), lane.take(), lane.take()].map((taken) => taken === undefined)).toEqual([false, false, true]);
  });

  it('starts the more urgent first', () => {
    lane.expect(2);
    lane.arrive([...waiting(1, 7), ...waiting(1, 0)], 2);
    expect(lane.take()?.delivery.priority).toBe(0);
  });

  it('leaves what it claimed ahead to others when its receiver has become slow', () => {
    lane.measure(1);
    work(50);
    lane.measure(11);
    lane.expect(10);
    lane.arrive(waiting(10), 10);
    lane.take();
    lane.take();

    expect(lane.takeStale(500)).toEqual([]);
    expect(lane.takeStale(1_500)).toHaveLength(8);
    expect([lane.waitingCount, lane.runningCount, lane.demand]).toEqual([0, 2, 0]);
  });

  it('keeps what waits while runs end', () => {
    lane.expect(10);
    lane.arrive(waiting(10), 10);
    lane.take();
    lane.take();
    now(1_400);
    lane.finish();
    lane.take();
    expect(lane.takeStale(1_500)).toEqual([]);
  });
});

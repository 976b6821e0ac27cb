import type { Receiver } from '../../../lib/engine/receivers/receiver.js';
import { ReceiverLane, type WaitingDelivery } from '../../../lib/engine/worker/receiver-lane.js';
import { claimedDelivery, storedEvent } from './support/stored-rows.js';

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
    delivery: claimedDelivery(String(index), priority),
    event: storedEvent(String(index)),
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

  it('takes the highest version of its subscriptions, and any where one says so', () => {
    const versions = (...given: (number | null)[]): number =>
      new ReceiverLane(
        1,
        { ...receiver, subscriptions: given.map((version) => ({ pattern: 'order.paid', version })) },
        ...([2, 100, 1_000] as const),
      ).version;
    expect([versions(2, 5, 3), versions(2, null)]).toEqual([5, 32_767]);
  });

  it('has nothing at first, and may have everything to claim', () => {
    expect([lane.held, lane.waitingCount, lane.runningCount, lane.mayHaveMore, lane.isPaused]).toEqual([
      ...[0, 0, 0, true, false],
    ]);
  });

  it('asks for nothing while it is paused, though nothing runs', () => {
    lane.obey({ paused: true, concurrency: null });
    expect(lane.demand).toBe(0);
  });

  it('loses no slot when there is nothing to take', () => {
    expect([lane.take(), lane.take(), lane.takeTogether()]).toEqual([undefined, undefined, []]);
    lane.arrive(waiting(2), 0);
    expect([lane.take(), lane.take()]).toEqual(waiting(2));
  });

  it('starts and asks for nothing while it is paused, and counts what runs', () => {
    lane.expect(2);
    lane.arrive(waiting(2), 2);
    lane.take();
    lane.obey({ paused: true, concurrency: null });
    expect([lane.isPaused, lane.demand, lane.take(), lane.runningCount, lane.waitingCount]).toEqual([
      ...[true, 0, undefined, 1, 1],
    ]);
    lane.obey({ paused: false, concurrency: null });
    expect(lane.take()).toBeDefined();
  });

  it('runs as many at once as an operator says, and as declared when he says nothing any more', () => {
    lane.obey({ paused: false, concurrency: 7 });
    expect([lane.concurrency, lane.demand]).toEqual([7, 7]);
    lane.obey({ paused: false, concurrency: null });
    expect([lane.concurrency, lane.demand]).toEqual([2, 2]);
  });

  describe('with four slots', () => {
    beforeEach(() => {
      lane = new ReceiverLane(1, receiver, 4, 1_000, 1_000);
    });

    const run = (count: number): void => {
      lane.expect(count);
      lane.arrive(waiting(count), count);
      for (let index = 0; index < count; index += 1) lane.take();
    };

    it.each([
      [0, 4],
      [1, 3],
      [2, 2],
      [3, 0],
      [4, 0],
    ])('does not ask again for little while %i are on their way: %i', (expected, demand) => {
      lane.expect(expected);
      expect([lane.held, lane.demand]).toEqual([expected, demand]);
    });

    it.each([
      [1, 3],
      [3, 1],
      [4, 0],
    ])('fills a slot that nothing waits for at once: with %i running %i', (running, demand) => {
      run(running);
      expect([lane.runningCount, lane.held, lane.demand]).toEqual([running, running, demand]);
    });

    it('leaves a slot empty that something waits for', () => {
      run(2);
      lane.expect(1);
      expect(lane.demand).toBe(0);
    });

    it('leaves a slot empty for which one waits and another is on its way', () => {
      run(1);
      lane.expect(2);
      lane.arrive(waiting(1), 1);
      expect(lane.demand).toBe(0);
    });

    it('forgets no more than it asked for when another lane did the asking', () => {
      lane.expect(1);
      lane.arrive(waiting(1), 3);
      expect(lane.held).toBe(1);
    });

    it('keeps the more urgent first among what comes in several claims', () => {
      lane.expect(4);
      lane.arrive([...waiting(1, 1), ...waiting(1, 5)], 2);
      lane.take();
      lane.arrive([...waiting(1, 7), ...waiting(1, 3)], 2);
      expect([lane.take(), lane.take(), lane.take()].map((taken) => taken?.delivery.priority)).toEqual([3, 5, 7]);
    });

    it('gives back all that waits, and none of what runs', () => {
      run(1);
      lane.expect(3);
      lane.arrive(waiting(3), 3);
      expect(lane.empty()).toHaveLength(3);
      expect([lane.waitingCount, lane.runningCount, lane.held, lane.take()]).toEqual([0, 1, 1, undefined]);
    });

    it('follows the speed of its receiver, the sooner the longer it was measured', () => {
      const capacities = [
        [0.5, 4],
        [1, 250],
        [11, 250],
        [61, 175],
        [311, 10],
        [391, 162],
      ] as const;
      // After half a millisecond nothing is known yet; what ended until then counts in the next measure.
      const ended = [5, 0, 25, 50, 25, 160];
      const measured = capacities.map(([at], index) => {
        work(ended[index]!);
        if (at === 11) work(0);
        lane.measure(at);
        return lane.demand;
      });
      expect(measured).toEqual(capacities.map(([, capacity]) => capacity));
    });

    it('is as slow as at first after it had nothing to do, and half as fast when nothing ended', () => {
      work(50);
      lane.measure(10);
      lane.expect(1);
      lane.measure(20);
      // 5 in a millisecond count half, and half again: 125, of which one is on its way.
      expect(lane.demand).toBe(124);
      lane.arrive([], 1);
      lane.measure(30);
      expect(lane.demand).toBe(4);
    });

    it('stays as fast as it was when nothing waits behind runs of which none ends', () => {
      work(50);
      lane.measure(10);
      run(4);
      expect([lane.takeStale(5_000), lane.demand]).toEqual([[], 246]);
    });

    it('gives nothing up that is not stale: not while a slot is free, nothing waits, or it moved lately', () => {
      run(4);
      expect(lane.takeStale(5_000)).toEqual([]);
      now(900);
      lane.expect(2);
      lane.arrive(waiting(2), 2);
      expect(lane.takeStale(1_899)).toEqual([]);
      lane.obey({ paused: false, concurrency: 5 });
      expect(lane.takeStale(5_000)).toEqual([]);
      lane.obey({ paused: false, concurrency: null });
      expect(lane.takeStale(1_900)).toHaveLength(2);
      expect(lane.waitingCount).toBe(0);
    });
  });

  describe('that commits together', () => {
    beforeEach(() => {
      lane = new ReceiverLane(1, { ...receiver, groupCommit: 10 }, 2, 100, 1_000);
    });

    const take = (count: number): number[] => {
      lane.arrive(waiting(count), 0);
      return [lane.takeTogether(), lane.takeTogether(), lane.takeTogether()].map(({ length }) => length);
    };

    it.each([
      [6, [3, 3, 0]],
      [7, [4, 3, 0]],
      [1, [1, 0, 0]],
      [50, [10, 10, 0]],
    ])('shares %i out among the free slots', (count, shares) => {
      expect(take(count)).toEqual(shares);
    });

    it('asks again for half of what it may hold while all its slots are taken, though nothing waits', () => {
      work(5);
      lane.measure(10);
      lane.arrive(waiting(20), 0);
      lane.takeTogether();
      lane.takeTogether();
      // 25 it may hold, and 20 it does.
      expect([lane.held, lane.demand]).toEqual([20, 0]);
    });

    it('takes one at a time where its receiver does not', () => {
      lane = new ReceiverLane(1, receiver, 2, 100, 1_000);
      expect(take(6)).toEqual([1, 1, 0]);
    });

    it('frees the slot, and lets those wait again that did not begin', () => {
      lane.arrive(waiting(6), 0);
      const taken = lane.takeTogether();
      lane.finish(taken.length, taken.slice(1));
      expect([lane.runningCount, lane.waitingCount, lane.held]).toEqual([0, 5, 5]);
      expect(lane.takeTogether()).toHaveLength(3);
    });
  });
});

import { TIMER_LIMIT } from '../../../lib/options/option-checks.js';
import { type Deadline, Deadlines } from '../../../lib/engine/worker/deadlines.js';

class Recorded implements Deadline {
  place = -1;
  readonly passedAt: number[] = [];

  /** @param further milliseconds until it is to be asked again, each time it has passed. */
  constructor(
    public at: number,
    private readonly further = Infinity,
  ) {}

  passed(): void {
    this.passedAt.push(performance.now());
    this.at = performance.now() + this.further;
  }
}

describe('Deadlines', () => {
  let deadlines: Deadlines;
  const watched = (at: number, further?: number): Recorded => {
    const deadline = new Recorded(performance.now() + at, further);
    deadlines.watch(deadline);
    return deadline;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    deadlines = new Deadlines();
  });
  afterEach(() => jest.useRealTimers());

  it('pass, each once, however they were begun', () => {
    const [late, early, between] = [watched(5_000), watched(10), watched(1_000)];
    jest.advanceTimersByTime(20);
    expect([early, between, late].map(({ passedAt }) => passedAt.length)).toEqual([1, 0, 0]);
    jest.advanceTimersByTime(1_100);
    expect([early, between, late].map(({ passedAt }) => passedAt.length)).toEqual([1, 1, 0]);
    jest.advanceTimersByTime(10_000);
    expect([early, between, late].map(({ passedAt }) => passedAt.length)).toEqual([1, 1, 1]);
  });

  it('are not passed before their time', () => {
    const deadline = watched(50);
    const { at } = deadline;
    watched(10, 1);
    jest.advanceTimersByTime(100);
    expect(deadline.passedAt[0]).toBeGreaterThanOrEqual(at);
  });

  it('pass again where they are put off', () => {
    const deadline = watched(10, 100);
    jest.advanceTimersByTime(150);
    expect(deadline.passedAt).toHaveLength(2);
  });

  it('may be as far away as a timer can wait', () => {
    const timer = jest.spyOn(globalThis, 'setTimeout');
    watched(TIMER_LIMIT);
    expect(timer.mock.calls.map(([, wait]) => wait)).toEqual([TIMER_LIMIT]);
  });

  it('that are forgotten do not pass, and the others do', () => {
    const [forgotten, kept] = [watched(10), watched(20)];
    deadlines.forget(forgotten);
    jest.advanceTimersByTime(1_000);
    expect([forgotten.passedAt, kept.passedAt].map(({ length }) => length)).toEqual([0, 1]);
  });

  it('have one timer for all', () => {
    for (let number = 0; number < 100; number += 1) deadlines.forget(watched(1_000 + number));
    watched(2_000);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('leave no timer behind', () => {
    const deadline = watched(10);
    deadlines.forget(deadline);
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
  });
});

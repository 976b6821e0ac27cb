import { ClaimTimer } from '../../../lib/engine/worker/claim-timer.js';
import type { WorkerSettings } from '../../../lib/engine/worker/worker-settings.js';

const POLL = 2_000;
const idle = { notified: true, idle: true };

describe('The timer of an idle worker', () => {
  let looks: number;
  let timer: ClaimTimer;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    looks = 0;
    timer = new ClaimTimer(
      () => {
        looks += 1;
      },
      { pollInterval: POLL, pollIntervalUnnotified: 500 } as WorkerSettings,
    );
  });
  afterEach(() => {
    timer.stop();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Milliseconds until the next look, when planned now. */
  function next(pace = idle, dueIn: number | null = null): number {
    timer.schedule(dueIn, pace);
    const [before, at] = [looks, performance.now()];
    while (looks === before) jest.advanceTimersToNextTimer();
    return performance.now() - at;
  }

  it('looks at the interval while events are emitted, and a quarter as often once none are', () => {
    expect(next()).toBeCloseTo(POLL, -1);
    jest.advanceTimersByTime(4 * POLL);
    expect(next()).toBeCloseTo(4 * POLL, -1);
    timer.stir();
    expect(next()).toBeCloseTo(POLL, -1);
  });

  it('looks soon after events were emitted of which it may not have been told', () => {
    jest.advanceTimersByTime(5 * POLL);
    timer.schedule(null, idle);
    jest.advanceTimersByTime(100);
    timer.stir();
    jest.advanceTimersByTime(POLL + 10);
    expect(looks).toBe(1);
  });

  it('never waits longer for what is emitted again and again', () => {
    timer.schedule(null, idle);
    for (let passed = 0; passed < POLL; passed += 500) {
      jest.advanceTimersByTime(501);
      timer.stir();
    }
    expect(looks).toBe(1);
  });

  it.each([
    ['holds deliveries', { notified: true, idle: false }, POLL],
    ['hears no notifications', { notified: false, idle: true }, 500],
  ])('goes on looking where the worker %s', (_what, pace, interval) => {
    jest.advanceTimersByTime(5 * POLL);
    expect(next(pace)).toBeCloseTo(interval, -1);
  });

  it('looks when a delivery is due, however calm it is', () => {
    jest.advanceTimersByTime(5 * POLL);
    expect(next(idle, 300)).toBeCloseTo(300, -1);
  });
});

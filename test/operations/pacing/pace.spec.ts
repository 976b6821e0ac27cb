import { Pace, type Stopwatch } from '../../../lib/operations/pacing/pace.js';

/** Time that passes only while somebody waits. */
class WaitedTime implements Stopwatch {
  passed = 0;

  now(): number {
    return this.passed;
  }

  wait(milliseconds: number): Promise<void> {
    this.passed += milliseconds;
    return Promise.resolve();
  }
}

describe('A pace', () => {
  async function timeFor(rate: number, total: number): Promise<number> {
    const time = new WaitedTime();
    const pace = new Pace(rate, undefined, time);
    for (let left = total; left > 0;) {
      const batch = pace.batch(left);
      left -= batch;
      await pace.did(batch);
    }
    return time.passed;
  }

  it.each([
    [1, 3, 3_000],
    [100, 1_000, 10_000],
    [0.5, 2, 4_000],
    [2_000, 10_000, 5_000],
  ])('of %d a second takes for %d so many milliseconds: %d', async (rate, total, expected) => {
    expect(await timeFor(rate, total)).toBe(expected);
  });

  it('without a rate waits for nothing', async () => {
    expect(await timeFor(Infinity, 10_000)).toBe(0);
  });

  it('takes no more into a transaction than it should hold, nor than is left', () => {
    const pace = new Pace(Infinity, undefined, new WaitedTime());
    expect([pace.batch(10_000), pace.batch(3)]).toEqual([500, 3]);
  });

  it('counts the time that the work itself took', async () => {
    const time = new WaitedTime();
    const pace = new Pace(10, undefined, time);
    time.passed += 900;
    await pace.did(10);
    expect(time.passed).toBe(1_000);
  });
});

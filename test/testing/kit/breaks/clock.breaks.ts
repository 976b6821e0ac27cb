import { Claimer } from '../../../../lib/engine/claiming/claimer.js';
import { MemoryClock, TestClock } from '../../../../lib/testing/index.js';
import { TestingHarness } from '../../../../lib/testing/testing-harness.js';
import type { Break } from './break.js';

export const clockBreaks: readonly Break[] = [
  {
    what: 'moves its own time, and not that of the memory',
    found: /clock takes/,
    before: (spoiler) => spoiler.replace(MemoryClock.prototype, 'follow', () => () => undefined),
  },
  {
    what: 'moves its own time, and claims by that of the database',
    found: /clock takes (delays|retries)/,
    needsDatabase: true,
    before: (spoiler) =>
      spoiler.replace(
        Claimer.prototype,
        'claim',
        (claim) =>
          function (this: Claimer, client, worker, demands) {
            const unmoved = Object.create(this, { clock: { value: { offset: 0 } } }) as Claimer;
            return claim.call(unmoved, client, worker, demands);
          },
      ),
  },
  {
    what: 'moves its own time, and has the stores write that of the database',
    found: /clock takes/,
    needsDatabase: true,
    before: (spoiler) =>
      spoiler.replace(
        TestingHarness.prototype,
        'adopt',
        (adopt) =>
          function (this: TestingHarness, declared, moduleRef) {
            return { ...adopt.call(this, declared, moduleRef), clock: { offset: 0 } };
          },
      ),
  },
  {
    what: 'moves time no further than it was told last',
    found: /clock takes delays/,
    before: (spoiler) =>
      spoiler.replace(
        TestClock.prototype,
        'advance',
        (advance) =>
          function (this: TestClock, duration) {
            this.reset();
            advance.call(this, duration);
          },
      ),
  },
  {
    what: 'does not go to moments',
    found: /goes to a moment/,
    before: (spoiler) => spoiler.replace(TestClock.prototype, 'travelTo', () => () => Promise.resolve()),
  },
  {
    what: 'does not go back',
    found: /back to where it was/,
    before: (spoiler) => spoiler.replace(TestClock.prototype, 'reset', () => () => undefined),
  },
];

import { AsyncResource } from 'node:async_hooks';
import { EmissionAnnouncer } from '../../../../lib/engine/lifecycle/emission-announcer.js';
import { DeliveryDriver } from '../../../../lib/testing/driver/delivery-driver.js';
import type { DrainOptions } from '../../../../lib/testing/driver/drain-options.interface.js';
import { EngineUnderTest } from '../../../../lib/testing/engine-under-test.js';
import { EventStore, JobsTesting, memoryFixture, Scenario, WakeUp } from '../../../../lib/testing/index.js';
import { InlineRuns } from '../../../../lib/testing/inline-runs.js';
import { DoorOpened } from '../../support/house.js';
import type { HouseUnderTest } from '../../support/house-under-test.js';
import type { Break } from './break.js';
import type { Spoiler } from './spoiler.js';

const AT_THE_COMMIT = /inline runs receivers, and what they lead to, at the commit/;
const ROLLED_BACK = /of what was rolled back/;

/** Runs the dog where the event is emitted, before anybody knows how the transaction ends. */
function runAtTheEmit({ app, jobs }: HouseUnderTest, spoiler: Spoiler): void {
  const store = app.get(EventStore);
  spoiler.replace(store, 'append', (append) => async (connection, inputs, refuseUnrouted) => {
    const written = await append.call(store, connection, inputs, refuseUnrouted);
    for (const { name, payload } of inputs) {
      if (name !== 'door.opened') continue;
      await jobs.deliver('dog', Object.assign(new DoorOpened(''), JSON.parse(payload)));
    }
    return written;
  });
}

/** Writes events beside the transaction of whoever emits, so that they stay when it rolls back. */
function emitBeside({ app, memory }: HouseUnderTest, spoiler: Spoiler): void {
  const store = app.get(EventStore);
  const { connection: other } = memoryFixture(memory);
  spoiler.replace(store, 'append', (append) => async (_connection, inputs, refuseUnrouted) => {
    const written = await append.call(store, other, inputs, refuseUnrouted);
    app.get(WakeUp).wake();
    return written;
  });
}

function drainingWithout(option: keyof DrainOptions): (spoiler: Spoiler) => void {
  return (spoiler) =>
    spoiler.replace(
      DeliveryDriver.prototype,
      'drain',
      (drain) =>
        function (this: DeliveryDriver, { [option]: _ignored, ...options }, isNew) {
          return drain.call(this, options, isNew);
        },
    );
}

export const modeBreaks: readonly Break[] = [
  { what: 'runs receivers inline before the commit', found: AT_THE_COMMIT, after: runAtTheEmit },
  {
    what: 'runs receivers inline of what was rolled back',
    found: /mode inline runs nothing of what was rolled back/,
    after: runAtTheEmit,
  },
  { what: 'emits beside the transaction', found: /runs nothing of what was rolled back/, after: emitBeside },
  {
    what: 'does not hear of commits',
    found: AT_THE_COMMIT,
    before: (spoiler) => spoiler.replace(EngineUnderTest.prototype, 'onCommit', () => () => undefined),
  },
  {
    what: 'does not wait for what runs inline',
    found: AT_THE_COMMIT,
    before: (spoiler) => spoiler.replace(InlineRuns.prototype, 'settled', () => () => Promise.resolve()),
  },
  {
    what: 'swallows what receivers throw',
    found: /has the test see what receivers threw/,
    before: (spoiler) =>
      spoiler.replace(
        InlineRuns.prototype,
        'settled',
        (settled) =>
          function (this: InlineRuns) {
            return settled.call(this).catch(() => undefined);
          },
      ),
  },
  {
    what: 'tells of an error again and again',
    found: /tells of each error once/,
    before: (spoiler) => spoiler.replace(InlineRuns.prototype, 'clear', () => () => undefined),
  },
  {
    what: 'runs receivers in the context of whoever emits',
    found: /outside of the asynchronous context/,
    before: (spoiler) =>
      spoiler.replace(
        AsyncResource.prototype,
        'runInAsyncScope',
        () =>
          (work, receiver, ...given) =>
            work.call(receiver as never, ...given),
      ),
  },
  { what: 'runs receivers by itself, though by hand was asked for', found: /manual runs nothing/, mode: 'inline' },
  { what: 'runs receivers, though recording was asked for', found: /keeps what was emitted, and/, mode: 'inline' },
  { what: 'drains, though recording was asked for', found: /refuses to run receivers/, mode: 'manual' },
  { what: 'drains without regard to until', found: /to run until/, before: drainingWithout('until') },
  { what: 'drains without regard to recursion', found: /without recursion/, before: drainingWithout('recursion') },
  { what: 'drains without regard to a limit', found: /beyond its limit/, before: drainingWithout('limit') },
  { what: 'drains nothing that is delayed', found: /goes on with what is/, before: drainingWithout('withDelayed') },
  {
    what: 'drains what is delayed, whatever it is asked',
    found: /goes on with what is/,
    before: (spoiler) =>
      spoiler.replace(
        DeliveryDriver.prototype,
        'drain',
        (drain) =>
          function (this: DeliveryDriver, options, isNew) {
            return drain.call(this, { ...options, withDelayed: true }, isNew);
          },
      ),
  },
  {
    what: 'runs everything as the next one',
    found: /runNext runs one/,
    before: (spoiler) =>
      spoiler.replace(
        JobsTesting.prototype,
        'runNext',
        () =>
          async function (this: JobsTesting) {
            return (await this.drain())[0];
          },
      ),
  },
  {
    what: 'keeps what was rolled back',
    found: ROLLED_BACK,
    before: (spoiler) =>
      spoiler.replace(
        EmissionAnnouncer.prototype,
        'afterCommit',
        (afterCommit) =>
          function (this: EmissionAnnouncer, inputs, written) {
            afterCommit.call(this, inputs, written)?.();
            return undefined;
          },
      ),
  },
  {
    what: 'forgets nothing',
    found: /forgets when it is told to/,
    before: (spoiler) => spoiler.replace(JobsTesting.prototype, 'clear', () => () => undefined),
  },
  {
    what: 'emits what it is to deliver to one receiver',
    found: /deliver runs one receiver alone/,
    before: (spoiler) =>
      spoiler.replace(
        JobsTesting.prototype,
        'deliver',
        (deliver) =>
          async function (this: JobsTesting, receiver, event, options) {
            await this.emit(event);
            return deliver.call(this, receiver, event, options);
          },
      ),
  },
  {
    what: 'takes every condition of a scenario for fulfilled',
    found: /a scenario goes on until/,
    before: (spoiler) =>
      spoiler.replace(
        Scenario.prototype,
        'until',
        (until) =>
          function (this: Scenario, condition) {
            let held = false;
            return until.call(this, async () => {
              const answer = held ? true : await condition();
              held = true;
              return answer;
            }) as never;
          },
      ),
  },
];

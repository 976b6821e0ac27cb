import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from './contract-case.js';
import { claimed, emitted, event, registered, started } from './contract-support.js';
import type { StorageFixture } from './storage-fixture.js';

const DAY = 86_400_000;

/**
 * What a clock must do, and whatever goes by it: stand where it is, and take everything with it when it is moved.
 *
 * @param create makes a fixture for each case, with nothing in it and a clock that was not moved.
 * @publicApi
 */
export function clockContract(create: () => Promise<StorageFixture>): readonly ContractCase[] {
  return casesOf(create, {
    'is not moved at first, and moves by what it is told': async (fixture) => {
      const { clock } = fixture;
      assert.equal(clock.offset, 0);
      fixture.advance(DAY);
      assert.equal(clock.offset, DAY);
      fixture.advance(1);
      assert.equal(clock.offset, DAY + 1);
    },
    'takes the time of events with it': async (fixture) => {
      const emittedAt = async (): Promise<number> => {
        const [id = ''] = await emitted(fixture, fixture.connection, event('order.paid'));
        return (await fixture.events.status(fixture.connection, id))?.emittedAt.getTime() ?? 0;
      };
      const before = await emittedAt();
      fixture.advance(DAY);
      const passed = (await emittedAt()) - before;
      assert(passed >= DAY && passed < DAY + DAY / 24, `${passed} ms passed`);
    },
    'takes delays with it, and no further than it was moved': async (fixture) => {
      const [number = 0] = await registered(fixture, { paid: ['order.paid'] });
      const session = await started(fixture);
      const [soonDue] = await emitted(fixture, fixture.connection, event('order.paid', { delay: DAY }));
      await emitted(fixture, fixture.connection, event('order.paid', { delay: 2 * DAY }));
      fixture.advance(DAY + 1_000);
      assert.deepEqual(
        (await claimed(session, [number])).map(({ eventId }) => eventId),
        [soonDue],
      );
    },
    'takes the times of jobs with it': async (fixture) => {
      const input = { expiresIn: DAY, tenant: '', type: 'a.b', targetType: '', targetId: '', key: '' } as const;
      await fixture.transaction((connection) =>
        fixture.jobs.request(
          connection,
          {
            ...input,
            ...{
              typeVersion: 1,
              assignee: null,
              candidates: [],
              priority: 0,
              plan: null,
              step: null,
              metadata: {},
              tags: [],
            },
            ...{ uniqueness: 'open', onRepeat: 'keep' },
          },
          'system',
          null,
        ),
      );
      const expired = (): Promise<number> =>
        fixture.transaction(async (connection) => {
          const jobs = await fixture.jobs.sweep(
            connection,
            'expire',
            { closeReason: 'expired', outcome: null },
            'system',
          );
          return jobs.length;
        });
      assert.equal(await expired(), 0);
      fixture.advance(DAY + 1_000);
      assert.equal(await expired(), 1);
      assert.equal(await expired(), 0);
    },
  });
}

import { Logger } from '@nestjs/common';
import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome } from '../../../lib/engine/deliveries/outcome.js';
import { Intake } from '../../../lib/engine/worker/intake.js';
import { Suspects } from '../../../lib/engine/worker/suspects.js';
import { claimedDelivery, storedEvent } from './support/stored-rows.js';

const claims = (count: number): readonly ClaimedDelivery[] =>
  Array.from({ length: count }, (_, index) => claimedDelivery(String(index)));

describe('What was claimed', () => {
  let asked: number[];
  let mostAtOnce: number;
  let gone: readonly string[];
  let stopsAtReading: number;
  let outcomes: readonly (readonly [string, Outcome])[];
  let intake: Intake;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(() => {
    [asked, gone, stopsAtReading, outcomes] = [[], [], Infinity, []];
    const events = {
      read: (ids: readonly string[]) => {
        asked.push(ids.length);
        if (asked.length === stopsAtReading) void intake.close();
        if (ids.length > mostAtOnce) return Promise.reject(new Error('no answer in time'));
        return Promise.resolve(new Map(ids.filter((id) => !gone.includes(id)).map((id) => [id, storedEvent(id)])));
      },
    };
    intake = new Intake(events, new Suspects(10), ({ eventId }, outcome) => {
      outcomes = [...outcomes, [eventId, outcome]];
    });
  });
  afterEach(() => intake.close());

  async function taken(count: number): Promise<readonly string[]> {
    const arrivals = await intake.take(claims(count));
    return arrivals.flatMap(({ waiting }) => waiting.map(({ event }) => event.id));
  }

  it('is read at once', async () => {
    mostAtOnce = 100;
    expect([await taken(8), asked]).toEqual([claims(8).map(({ eventId }) => eventId), [8]]);
  });

  it('is read in smaller parts when it is too large to be read at once', async () => {
    mostAtOnce = 3;
    expect([await taken(9), asked]).toEqual([claims(9).map(({ eventId }) => eventId), [9, 4, 2, 4, 2, 4, 2, 3]]);
  });

  it('is a dead letter when its event is gone by the time a smaller part of it is read, and that alone', async () => {
    [mostAtOnce, gone] = [2, ['2']];
    expect(await taken(4)).toEqual(['0', '1', '3']);
    expect(outcomes).toEqual([['2', { kind: 'dead', reason: 'its event is gone', failure: null }]]);
  });

  it('is handed back when the worker stops before it could be read, and what was read as well', async () => {
    [mostAtOnce, stopsAtReading] = [2, 4];
    expect([await taken(8), asked]).toEqual([[], [8, 4, 2, 4]]);
    expect(outcomes).toEqual(claims(8).map(({ eventId }) => [eventId, { kind: 'interrupted', failure: null }]));
  });

  it('is read at once again after what was too large', async () => {
    mostAtOnce = 3;
    await taken(5);
    [asked, mostAtOnce] = [[], 100];
    await taken(5);
    expect(asked).toEqual([5]);
  });
});

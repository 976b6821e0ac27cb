import { Logger } from '@nestjs/common';
import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { StoredEvent } from '../../../lib/engine/deliveries/stored-event.js';
import type { EventReader } from '../../../lib/engine/worker/event-reader.js';
import { Intake } from '../../../lib/engine/worker/intake.js';
import { Suspects } from '../../../lib/engine/worker/suspects.js';

const stored = (id: string): StoredEvent => ({
  id,
  name: 'order.paid',
  version: 1,
  payload: '{}',
  headers: {},
  correlationId: null,
  tenant: null,
  key: null,
  createdAt: new Date(0),
  deliveries: 1,
});

const claims = (count: number): readonly ClaimedDelivery[] =>
  Array.from({ length: count }, (_, index) => ({
    eventId: String(index),
    receiver: 1,
    version: 1,
    priority: 4,
    readyXid: '1',
    claims: 1,
    attempts: 0,
    interruptions: 0,
  }));

describe('What was claimed', () => {
  let asked: number[];
  let mostAtOnce: number;
  let intake: Intake;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(() => {
    asked = [];
    const events: Pick<EventReader, 'read'> = {
      read: (ids) => {
        asked.push(ids.length);
        if (ids.length > mostAtOnce) return Promise.reject(new Error('no answer in time'));
        return Promise.resolve(new Map(ids.map((id) => [id, stored(id)])));
      },
    };
    intake = new Intake(events as EventReader, new Suspects(10), () => undefined);
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

  it('is read at once again after what was too large', async () => {
    mostAtOnce = 3;
    await taken(5);
    [asked, mostAtOnce] = [[], 100];
    await taken(5);
    expect(asked).toEqual([5]);
  });
});

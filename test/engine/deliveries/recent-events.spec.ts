import { RecentEvents } from '../../../lib/engine/deliveries/recent-events.js';
import type { StoredEvent } from '../../../lib/engine/deliveries/stored-event.js';

const event = (id: string, payload = '{}'): StoredEvent => ({
  id,
  name: 'order.paid',
  version: 1,
  payload,
  headers: {},
  correlationId: null,
  tenant: null,
  key: null,
  createdAt: new Date(0),
  deliveries: 2,
});

describe('Recent events', () => {
  it('are as many of the latest as there is room for', () => {
    const recent = new RecentEvents(3);
    for (const id of ['7', '8', '9', '10']) recent.keep(event(id));
    expect(['7', '8', '9', '10'].map((id) => recent.find(id)?.id)).toEqual([undefined, '8', '9', '10']);
  });

  it.each(['9007199254740993', '9223372036854775807'])(
    'are found by ids that are no exact numbers in JavaScript, as %s',
    (id) => {
      const recent = new RecentEvents(1_000);
      recent.keep(event(id));
      expect([recent.find(id)?.id, recent.find(String(BigInt(id) - 1n))]).toEqual([id, undefined]);
    },
  );

  it('may be forgotten', () => {
    const recent = new RecentEvents(3);
    for (const id of ['1', '2']) recent.keep(event(id));
    recent.clear();
    recent.keep(event('2'));
    expect(['1', '2'].map((id) => recent.find(id)?.id)).toEqual([undefined, '2']);
  });

  it('are not those with a large payload', () => {
    const recent = new RecentEvents(3);
    recent.keep(event('1', ' '.repeat(5_000)));
    expect(recent.find('1')).toBeUndefined();
  });

  it('are none where nothing is received', () => {
    const recent = new RecentEvents(0);
    recent.keep(event('1'));
    expect([recent.keeps, recent.find('1')]).toEqual([false, undefined]);
  });
});

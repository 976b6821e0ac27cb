import type { DeliveryStore } from '../../../lib/engine/deliveries/delivery-store.port.js';
import { RecentEvents } from '../../../lib/engine/deliveries/recent-events.js';
import type { StoredEvent } from '../../../lib/engine/deliveries/stored-event.js';
import { EventReader } from '../../../lib/engine/worker/event-reader.js';
import { EngineFixture } from '../../support/engine-fixture.js';

describe('Events of claimed deliveries', () => {
  let fixture: EngineFixture;
  let asked: (readonly string[])[];
  let reader: EventReader;

  beforeAll(async () => {
    fixture = await EngineFixture.create();
  });
  afterAll(() => fixture.close());
  beforeEach(() => {
    asked = [];
    const store = {
      readEvents: (connection, ids) => {
        asked.push(ids);
        return fixture.deliveries.readEvents(connection, ids);
      },
    } as Pick<DeliveryStore, 'readEvents'> as DeliveryStore;
    reader = new EventReader(fixture.database, store, new RecentEvents(100), 30_000);
  });

  async function emitted(...receivers: number[]): Promise<string> {
    await fixture.reset({ 'order.paid': receivers });
    const [event] = await fixture.emit(fixture.input());
    return event!.id;
  }

  it('are read once for several receivers, which may be claimed for one after the other', async () => {
    const id = await emitted(1, 2);
    const [first, second] = [await reader.read([id, id]), await reader.read([id])];
    expect(asked).toEqual([[id]]);
    expect(second.get(id)).toBe(first.get(id) as StoredEvent);
    expect(first.get(id)?.deliveries).toBe(2);
  });

  it('are not kept for one receiver', async () => {
    const id = await emitted(1);
    await reader.read([id]);
    await reader.read([id]);
    expect(asked).toEqual([[id], [id]]);
  });

  it('that are gone are missing', async () => {
    expect([...(await reader.read(['4711'])).keys()]).toEqual([]);
  });
});

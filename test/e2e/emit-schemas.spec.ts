import { Injectable } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { z } from 'zod';
import { OnReliableEvent, ReliableEvent, reliableEvent } from '../../lib/index.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
});

const booked = reliableEvent('room.booked', {
  schema: z.object({ when: date, guests: z.number().default(1), nights: z.string().transform(Number) }),
});

/** A schema that answers later, of no library. */
const weighed: StandardSchemaV1<{ grams: string }, { grams: number }> = {
  '~standard': {
    version: 1,
    vendor: 'by-hand',
    validate: async (value) => {
      await Promise.resolve();
      const grams: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'grams') : undefined;
      return typeof grams === 'string' && /^\d+$/.test(grams)
        ? { value: { grams: Number(grams) } }
        : { issues: [{ message: 'must be digits', path: ['grams'] }] };
    },
  },
};
const parcelWeighed = reliableEvent('parcel.weighed', { schema: weighed });

@ReliableEvent('room.left', {
  schema: z.object({ room: z.string(), at: z.iso.datetime().transform((at) => new Date(at)) }),
})
class RoomLeft {
  constructor(
    readonly room: string,
    readonly at: Date | string,
  ) {}

  get label(): string {
    return `room ${this.room}`;
  }
}

const priced = reliableEvent<{ price: { amount: number; currency: string } }>('room.priced', {
  version: 3,
  upcasters: {
    1: ({ cents }) => ({ amount: Number(cents) / 100 }),
    2: ({ amount }) => ({ price: { amount: amount ?? null, currency: 'EUR' } }),
  },
});

@Injectable()
class Receivers {
  readonly heard: unknown[] = [];

  @OnReliableEvent(booked, { id: 'booked' })
  onBooked(event: { when: Date; guests: number; nights: number }): void {
    this.heard.push(event);
  }

  @OnReliableEvent(parcelWeighed, { id: 'weighed' })
  onWeighed(event: { grams: number }): void {
    this.heard.push(event);
  }

  @OnReliableEvent(RoomLeft, { id: 'left' })
  onLeft(event: RoomLeft): void {
    this.heard.push(event);
  }

  @OnReliableEvent(priced, { id: 'priced' })
  onPriced(event: unknown): void {
    this.heard.push(event);
  }
}

describe('An event with a schema', () => {
  let database: TestDatabase;
  let app: TestApplication;
  let heard: unknown[];

  beforeAll(async () => {
    database = await TestDatabase.create();
    app = await TestApplication.start(database, {
      providers: [Receivers],
      jobs: { worker: { pollInterval: '50ms' } },
    });
    heard = app.context.get(Receivers).heard;
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(async () => {
    heard.length = 0;
    await app.dataSource.query('truncate jobs_event, jobs_delivery');
  });

  const stored = (): Promise<unknown> => app.dataSource.query('select payload from jobs_event');
  const WHEN = '2030-01-02T03:04:05.000Z';

  it('is stored as the emitter gave it', async () => {
    await app.events.emit(booked, { when: WHEN, nights: '3' });
    expect(await stored()).toEqual([{ payload: { when: WHEN, nights: '3' } }]);
    await app.drained();
  });

  it('arrives as the schema makes it, a Date among it', async () => {
    await app.events.emit(booked, { when: WHEN, nights: '3' });
    await app.drained();
    expect(heard).toEqual([{ when: new Date(WHEN), guests: 1, nights: 3 }]);
  });

  it('takes back what its codec encodes', async () => {
    await app.events.emit(booked, { when: date.encode(new Date(WHEN)), nights: '3' });
    await app.drained();
    expect(heard).toEqual([expect.objectContaining({ when: new Date(WHEN) })]);
  });

  it('refuses the Date itself by its path', async () => {
    const emitted = app.events.emit(booked, { when: new Date(WHEN) as unknown as string, nights: '3' });
    await expect(emitted).rejects.toThrow('payload.when: Date is not JSON; send an ISO string');
  });

  it('waits for an asynchronous one, and stores and delivers the same way', async () => {
    await app.events.emit(parcelWeighed, { grams: '250' });
    const payloads = await stored();
    await app.drained();
    expect([payloads, heard]).toEqual([[{ payload: { grams: '250' } }], [{ grams: 250 }]]);
  });

  it('is refused by an asynchronous one, and writes nothing', async () => {
    await expect(app.events.emit(parcelWeighed, { grams: 'much' })).rejects.toThrow(
      'parcel.weighed does not match its schema: payload.grams: must be digits',
    );
  });

  it('arrives as an instance of its class, made of what the schema made', async () => {
    await app.events.emit(new RoomLeft('12', WHEN));
    await app.drained();
    expect([heard, heard.map((event) => event instanceof RoomLeft && event.label)]).toEqual([
      [new RoomLeft('12', new Date(WHEN))],
      ['room 12'],
    ]);
  });

  describe('or version of an earlier deploy', () => {
    /** What an older process would have written, and one delivery of it. */
    const insert = async (version: number, payload: object): Promise<void> => {
      await app.dataSource.query(
        `with event as (insert into jobs_event (name, version, payload, receivers, retain_until)
           select 'room.priced', $1, $2, array[id], now() + interval '1 day' from jobs_receiver where name = 'priced' returning *)
         insert into jobs_delivery (event_id, receiver, version) select id, receivers[1], version from event`,
        [version, payload],
      );
    };

    it.each([
      [1, { cents: 1250 }],
      [2, { amount: 12.5 }],
      [3, { price: { amount: 12.5, currency: 'EUR' } }],
    ])('is brought from version %i to the present one', async (version, payload) => {
      await insert(version, payload);
      await app.drained();
      expect(heard).toEqual([{ price: { amount: 12.5, currency: 'EUR' } }]);
    });

    it('is emitted with the present one', async () => {
      await app.events.emit(priced, { price: { amount: 1, currency: 'EUR' } });
      expect(await app.dataSource.query('select version from jobs_event')).toEqual([{ version: 3 }]);
      // Or the next test would hear it.
      await until(async () => (await app.count('jobs_delivery')) === 0);
    });

    it('waits untouched when it is of a later deploy', async () => {
      await insert(4, { price: 'on request' });
      await app.events.emit(priced, { price: { amount: 1, currency: 'EUR' } });
      await until(async () => (await app.count('jobs_delivery', 'version = 3')) === 0);
      expect([heard.length, await app.count('jobs_delivery', 'version = 4 and claims = 0 and attempts = 0')]).toEqual([
        1, 1,
      ]);
    });
  });
});

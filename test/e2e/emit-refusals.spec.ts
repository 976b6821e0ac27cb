import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  Emission,
  emission,
  EventDefinition,
  type EventOptions,
  OnReliableEvent,
  ReliableEvent,
  reliableEvent,
} from '../../lib/index.js';
import { EmittingApplication, NOTHING } from '../support/emitting-application.js';

const noted = reliableEvent<unknown>('note.taken');
const counted = reliableEvent('note.counted', {
  schema: z.object({ count: z.int().min(1), tags: z.array(z.string()) }),
});

@ReliableEvent('note.removed')
class NoteRemoved {
  constructor(readonly note: unknown) {}
}

class Undecorated {
  readonly note = 1;
}

class RemovedForGood extends NoteRemoved {}

@Injectable()
class Receivers {
  @OnReliableEvent('*', { id: 'all' })
  all(): void {}
}

const cyclic: Record<string, unknown> = {};
cyclic['self'] = { again: cyclic };

const deep = (depth: number): unknown => (depth === 0 ? 1 : { in: deep(depth - 1) });

/** What was emitted: an event, or a definition with a payload, and options. */
type Case = readonly [string, Emission, string];

const payload = (what: string, value: unknown, message: string): Case => [what, emission(noted, value), message];
const options = (what: string, given: object, message: string): Case => [
  what,
  emission(noted, { fine: true }, given as EventOptions),
  message,
];
/** What the types would refuse. */
const untyped = (what: string, event: unknown, message: string): Case => [
  what,
  new Emission(undefined, event, {}),
  message,
];

const PAYLOADS: readonly Case[] = [
  payload(
    'a Date',
    { items: [0, 1, 2, { when: new Date() }] },
    'payload.items[3].when: Date is not JSON; send an ISO string',
  ),
  payload('a BigInt', { count: 1n }, 'payload.count: BigInt is not JSON; send a string'),
  payload('a Map', { by: new Map() }, 'payload.by: Map is not JSON; send an object or an array of entries'),
  payload('a Set', { all: new Set() }, 'payload.all: Set is not JSON; send an array'),
  payload('a function', { run: () => 1 }, 'payload.run: function is not JSON; send data; code stays with the receiver'),
  payload('a symbol', { of: Symbol('x') }, 'payload.of: symbol is not JSON; send a string'),
  payload('a symbol as key', { [Symbol('x')]: 1 }, 'payload[Symbol(x)]: a symbol as key is not JSON; use a string'),
  payload('a cycle', cyclic, 'payload.self.again: a cycle (it is payload again) is not JSON; send an id instead'),
  payload('NaN', { rate: NaN }, 'payload.rate: NaN is not JSON; send null or a string'),
  payload('Infinity', { rate: Infinity }, 'payload.rate: Infinity is not JSON; send null or a string'),
  payload('-0', { rate: -0 }, 'payload.rate: -0 would arrive as 0; send 0'),
  payload(
    'a sparse array',
    { list: [, 1] },
    'payload.list[0]: a hole in an array would arrive as null; send null or leave the element out',
  ),
  payload(
    'undefined in an array',
    [undefined],
    'payload[0]: undefined in an array would arrive as null; send null or leave the element out',
  ),
  payload('undefined itself', undefined, 'payload: undefined is not JSON; send null'),
  payload(
    'an object with toJSON',
    { price: { toJSON: () => 1 } },
    'payload.price: object has toJSON and would arrive as something else; send what its toJSON returns',
  ),
  payload(
    'a class instance',
    { of: new Undecorated() },
    'payload.of: an instance of Undecorated would arrive as a plain object; send its fields as a plain object, or its id',
  ),
  payload(
    '__proto__ as key',
    JSON.parse('{"__proto__":1}'),
    'payload.__proto__: the key __proto__ is refused, because it can change the object that a receiver builds; rename it',
  ),
  payload('constructor as key', { constructor: 1 }, 'payload.constructor: the key constructor is refused'),
  payload('prototype as key', { prototype: 1 }, 'payload.prototype: the key prototype is refused'),
  payload(
    'a lone surrogate',
    { text: '\ud800' },
    'payload.text: a text with \\u0000 or a lone surrogate cannot be stored; remove it',
  ),
  payload('\\u0000', ['a\u0000b'], 'payload[0]: a text with \\u0000 or a lone surrogate cannot be stored; remove it'),
  payload(
    'too many bytes',
    { text: 'x'.repeat(1000) },
    'payload: has 1011 bytes of JSON, more than the 1000 of limits.payload; send an id instead, or raise limits.payload',
  ),
  payload('too many levels', deep(101), 'is nested deeper than 100 levels; send a flatter payload, or an id'),
  payload(
    'a getter',
    {
      get now() {
        return 1;
      },
    },
    'payload.now: a getter is not run for a payload; send a plain value',
  ),
  payload('a Proxy', new Proxy({}, {}), 'payload: Proxy is not JSON; send a plain copy of what it stands for'),
  [
    'a bad property of an event class',
    emission(new NoteRemoved(new Date())),
    'payload.note: Date is not JSON; send an ISO string',
  ],
  [
    'what its schema refuses',
    new Emission(counted, { count: 0, tags: ['a', 1] }, {}),
    'note.counted does not match its schema: payload.count: ',
  ],
  ['an element its schema refuses', new Emission(counted, { count: 1, tags: ['a', 1] }, {}), 'payload.tags[1]: '],
];

const OPTIONS: readonly Case[] = [
  options(
    'headers that are no object',
    { headers: ['a'] },
    'headers: array is not a set of headers; send an object of texts by name',
  ),
  options(
    'a header that is no text',
    { headers: { trace: 1 } },
    'headers.trace: number is not a header value; send a string',
  ),
  options(
    'a header name with a space',
    { headers: { 'a b': 'c' } },
    'headers["a b"]: a header name has 1 to 128 printable ASCII characters and no space; rename it',
  ),
  options(
    'too many headers',
    { headers: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`h${at}`, ''])) },
    'headers: has 65 entries, more than 64; put what belongs together in the payload',
  ),
  options(
    'too large headers',
    { headers: { trace: 'x'.repeat(9000) } },
    'headers: has 9012 bytes of JSON, more than the 8192 allowed; send an id instead',
  ),
  options('an empty key', { key: '' }, 'key: an empty string says nothing; leave it out, or send 1 to 255 characters'),
  options('a key that is no text', { key: 7 }, 'key: number is not a text; send a string of 1 to 255 characters'),
  options(
    'a long key',
    { key: 'k'.repeat(256) },
    'key: has 256 characters, more than 255; send a shorter one, such as a hash',
  ),
  options('a long tenant', { tenant: 't'.repeat(256) }, 'tenant: has 256 characters, more than 255'),
  options(
    'a tenant with \\u0000',
    { tenant: '\u0000' },
    'tenant: a text with \\u0000 or a lone surrogate cannot be stored; remove it',
  ),
  options(
    'a correlation id that is no text',
    { correlationId: {} },
    'correlationId: object is not a text; send a string of 1 to 255 characters',
  ),
  options('tags that are no list', { tags: 'a' }, 'tags: string is not a list of tags; send an array of strings'),
  options(
    'too many tags',
    { tags: Array.from({ length: 33 }, String) },
    'tags: has 33 tags, more than 32; put what belongs together in the payload',
  ),
  options('a long tag', { tags: ['a', 'x'.repeat(101)] }, 'tags[1]: has 101 characters, more than 100'),
  options(
    'an empty dedupeKey',
    { dedupeKey: '' },
    'dedupeKey: an empty string would make unrelated events one; send what names this one',
  ),
  options(
    'an empty list as dedupeKey',
    { dedupeKey: [] },
    'dedupeKey: an empty array names nothing; send at least one string',
  ),
  options(
    'a number in a dedupeKey',
    { dedupeKey: ['a', 1] },
    'dedupeKey[1]: number is not part of a deduplication key; send a string',
  ),
  options(
    'null as dedupeKey',
    { dedupeKey: null },
    'dedupeKey: null is not part of a deduplication key; send a string',
  ),
  options(
    'a window without a dedupeKey',
    { dedupeWindow: '1d' },
    'emit: option dedupeWindow must be left out without a dedupeKey, but is the string "1d".',
  ),
  options(
    'a negative delay',
    { delay: -1 },
    'emit: option delay: the number -1 is not a duration that can be waited for; give milliseconds',
  ),
  options('a delay that is none', { delay: 'soon' }, "emit: option delay: the text 'soon' is not a duration"),
  options(
    'a Date as delay',
    { delay: new Date() },
    "emit: option delay must be milliseconds or text such as '30s', '5m' or '7d', but is of kind Date.",
  ),
  options(
    'a time without its zone',
    { runAt: '2030-01-31T08:00:00' },
    'emit: option runAt must be a valid Date, or ISO text with a time zone such as \'2030-01-31T08:00:00Z\', but is the string "2030-01-31T08:00:00".',
  ),
  options('an invalid Date', { runAt: new Date(NaN) }, 'emit: option runAt must be a valid Date'),
  options('a number as time', { runAt: 1_900_000_000_000 }, 'emit: option runAt must be a valid Date'),
  options('null as time', { runAt: null }, 'emit: option runAt must be a valid Date'),
  options(
    'both delay and runAt',
    { delay: 1, runAt: new Date(0) },
    'emit: option runAt must be left out when delay is given, but is of kind Date.',
  ),
  options(
    'a priority out of the bands',
    { priority: 8 },
    'emit: option priority must be an integer from 0 to 7, but is 8.',
  ),
  options(
    'a priority that is none',
    { priority: '1' },
    'emit: option priority must be an integer from 0 to 7, but is the string "1".',
  ),
  options(
    'a negative retention',
    { retain: -5 },
    'emit: option retain: the number -5 is not a duration that can be waited for',
  ),
  options('a misspelt option', { dedupKey: 'a' }, 'emit: there is no option dedupKey. Did you mean dedupeKey?'),
  options('an option that was never there', { attempts: 3 }, 'emit: there is no option attempts. Known here: '),
];

const EVENTS: readonly Case[] = [
  untyped(
    'a number',
    7,
    'number: is not an event; emit an instance of a class decorated with @ReliableEvent, or a name or definition with its payload',
  ),
  untyped('null', null, 'null: is not an event'),
  untyped('a function', () => 1, 'function: is not an event'),
  untyped('the class itself', NoteRemoved, 'function: is not an event'),
  untyped('an array', [], 'Array: is no reliable event'),
  untyped('a plain object', { note: 1 }, 'object: is not an event'),
  untyped('an object without a prototype', Object.create(null), 'object: is not an event'),
  untyped(
    'an undecorated class',
    new Undecorated(),
    "Undecorated: is no reliable event; decorate it with @ReliableEvent('name'), which a subclass does not inherit",
  ),
  untyped('a subclass of an event class', new RemovedForGood(1), 'RemovedForGood: is no reliable event'),
  [
    'a name that is none',
    new Emission('Note Taken', {}, {}),
    "'Note Taken': is not the name of an event; use lower-case segments",
  ],
  ['a pattern', new Emission('note.*', {}, {}), "'note.*': is not the name of an event"],
];

describe('What cannot be emitted is refused, and nothing is written:', () => {
  let app: EmittingApplication;

  beforeAll(async () => {
    app = await EmittingApplication.start({ providers: [Receivers] }, { limits: { payload: 1000 } });
  });
  afterAll(() => app.close());

  const emit = ({ reference, payload: value, options: given }: Emission): Promise<unknown> => {
    // As a caller without types would.
    const call = app.events.emit.bind(app.events) as (...args: unknown[]) => Promise<unknown>;
    return reference === undefined ? call(value, given) : call(reference, value, given);
  };

  describe.each([
    ['payloads', PAYLOADS],
    ['options', OPTIONS],
    ['events', EVENTS],
  ])('%s,', (_, cases) => {
    it.each(cases)('%s, by emit', async (_what, refused, message) => {
      await expect(emit(refused)).rejects.toThrow(message);
    });

    it.each(cases)('%s, by emitMany beside a good one', async (_what, refused, message) => {
      await expect(app.events.emitMany([new NoteRemoved(1), refused])).rejects.toThrow(message);
    });

    afterAll(async () => {
      expect(await app.written()).toEqual(NOTHING);
    });
  });

  it.each(['manager', 'requireTransaction'])('the option %s of one event among several', async (name) => {
    const one = emission(new NoteRemoved(1), { [name]: undefined });
    await expect(app.events.emitMany([one])).rejects.toThrow(`emit: there is no option ${name}.`);
  });

  it('options that are no object', async () => {
    await expect(emit(new Emission(noted, 1, 'soon' as EventOptions))).rejects.toThrow(
      'emit: option (the options) must be an object with any of manager, requireTransaction, delay',
    );
  });

  it('an unknown option of emitMany', async () => {
    const call = app.events.emitMany([new NoteRemoved(1)], { delays: 1 } as object);
    await expect(call).rejects.toThrow('emit: there is no option delays. Did you mean delay?');
  });

  it('nothing at all by emitMany, which is fine', async () => {
    expect(await app.events.emitMany([])).toEqual([]);
  });

  it('and the caller has its transaction still', async () => {
    const rows = await app.dataSource.transaction(async (manager) => {
      await app.events.emit(noted as EventDefinition<Date>, new Date(), { manager }).catch(() => undefined);
      return manager.query<{ one: number }[]>('select 1 as one');
    });
    expect(rows).toEqual([{ one: 1 }]);
  });

  it('counts what was written, so that the tests above can fail', async () => {
    await app.events.emit(new NoteRemoved(1), { dedupeKey: 'a' });
    const written = await app.written();
    await app.clear();
    expect(written).toEqual({ events: 1, deliveries: 1, keys: 1 });
  });
});

describe('An event class that cannot make the round trip fails the boot:', () => {
  @ReliableEvent('trip.private')
  class WithPrivateField {
    #secret = 1;
    reveal(): number {
      return this.#secret;
    }
  }

  @ReliableEvent('trip.map')
  class ExtendsMap extends Map<string, string> {}

  @ReliableEvent('trip.json')
  class WithToJson {
    toJSON(): string {
      return '';
    }
  }

  @ReliableEvent('trip.setter')
  class WithSetter {
    set name(_name: string) {
      throw new Error('run');
    }
  }

  it.each([
    [WithPrivateField, 'WithPrivateField: has the private member #secret, which receivers would not get'],
    [ExtendsMap, 'ExtendsMap: extends Map, whose contents would be lost'],
    [WithToJson, 'WithToJson: has toJSON, so something else than its properties would be stored'],
    [WithSetter, 'WithSetter: has a setter for name, which is not run for a receiver'],
    [Undecorated, "Undecorated: is no reliable event; decorate it with @ReliableEvent('name')"],
  ])('%p', async (event, message) => {
    @Injectable()
    class Receiver {
      @OnReliableEvent(event)
      receive(): void {}
    }
    await expect(EmittingApplication.start({ providers: [Receiver] })).rejects.toThrow(message);
  });
});

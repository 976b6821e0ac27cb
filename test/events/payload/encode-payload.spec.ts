import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { PayloadError } from '../../../lib/errors/payload.error.js';
import { encodePayload } from '../../../lib/events/payload/encode-payload.js';

const LIMIT = 256 * 1024;
const encode = (value: unknown, limitBytes = LIMIT): string =>
  encodePayload(value, { limitBytes, limitOption: 'payloadLimit' });
const refusal = (value: unknown, limitBytes = LIMIT): PayloadError => {
  try {
    encode(value, limitBytes);
  } catch (error) {
    if (error instanceof PayloadError) {
      return error;
    }
    throw error;
  }
  throw new Error('was not refused');
};
const messageOf = (value: unknown, limitBytes = LIMIT): string => refusal(value, limitBytes).message;
const parse = (text: string): unknown => JSON.parse(text) as unknown;
const nest = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], []);
const fail = (): never => {
  throw new Error('code of the payload ran');
};

class Money {
  constructor(readonly amount: number) {}
}

class Passing {
  isPrototypeOf(): boolean {
    return true;
  }
}

describe('encodePayload', () => {
  it('names the path, the kind and the remedy', () => {
    const error = refusal({ items: [1, 2, 3, { when: new Date() }] });
    expect(error).toMatchObject({
      name: 'PayloadError',
      path: 'payload.items[3].when',
      kind: 'Date',
      message: 'payload.items[3].when: Date is not JSON; send an ISO string',
    });
  });

  const proxies = {
    throwing: new Proxy(
      {},
      { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail },
    ),
    harmless: new Proxy({ a: 1 }, {}),
  };
  const refused: Readonly<Record<string, [unknown, string, RegExp]>> = {
    BigInt: [1n, 'bigint', /BigInt is not JSON; send a string/],
    Map: [new Map(), 'Map', /Map is not JSON; send an object or an array of entries/],
    Set: [new Set(), 'Set', /Set is not JSON; send an array/],
    WeakMap: [new WeakMap(), 'WeakMap', /WeakMap is not JSON/],
    RegExp: [/x/, 'RegExp', /RegExp is not JSON; send its source/],
    Promise: [Promise.resolve(1), 'Promise', /Promise is not JSON; await it/],
    Buffer: [Buffer.from('x'), 'Buffer', /Buffer is not JSON; send a base64 string/],
    'a typed array': [new Uint8Array(2), 'typed array', /typed array is not JSON/],
    'an ArrayBuffer': [new ArrayBuffer(2), 'ArrayBuffer', /ArrayBuffer is not JSON/],
    'a shared ArrayBuffer': [new SharedArrayBuffer(2), 'ArrayBuffer', /ArrayBuffer is not JSON; send a base64 string/],
    'an error': [new TypeError('x'), 'TypeError', /TypeError is not JSON/],
    'a function': [fail, 'function', /function is not JSON; send data/],
    'a symbol': [Symbol('x'), 'symbol', /symbol is not JSON; send a string/],
    NaN: [Number.NaN, 'NaN', /NaN is not JSON; send null/],
    Infinity: [Infinity, 'Infinity', /Infinity is not JSON/],
    '-Infinity': [-Infinity, '-Infinity', /-Infinity is not JSON/],
    '-0': [-0, '-0', /-0 would arrive as 0; send 0/],
    'a boxed primitive': [new Number(1), 'boxed primitive', /boxed primitive is not JSON; send the primitive/],
    'a class instance': [new Money(1), 'Money', /an instance of Money would arrive as a plain object/],
    'a Date without its prototype': [Object.setPrototypeOf(new Date(), Money.prototype), 'Date', /Date is not JSON/],
    URL: [new URL('http://a'), 'URL', /URL has toJSON/],
    'an own toJSON': [{ toJSON: () => 1 }, 'object', /has toJSON and would arrive as something else/],
    'a hidden toJSON': [Object.defineProperty({}, 'toJSON', { value: fail }), 'object', /toJSON/],
    'an array with toJSON': [Object.assign([], { toJSON: fail }), 'array', /toJSON/],
    'a subclass of Array': [
      new (class Tags extends Array<string> {})(),
      'a subclass of Array',
      /plain array; send Array.from/,
    ],
    'a subclass of Array that overrides its methods': [
      Object.setPrototypeOf([], { concat: fail }),
      ...(['a subclass of Array', /plain array/] as const),
    ],
    'an array that inherits from an array': [Object.setPrototypeOf([], []), 'a subclass of Array', /plain array/],
    'an array whose prototype is a proxy': [
      Object.setPrototypeOf([], new Proxy(Array.prototype, { get: fail, getOwnPropertyDescriptor: fail })),
      ...(['a subclass of Array', /plain array/] as const),
    ],
    'an instance that passes for a prototype': [new Passing(), 'Passing', /an instance of Passing/],
    'a proxy whose traps throw': [proxies.throwing, 'Proxy', /Proxy is not JSON; send a plain copy/],
    'a harmless proxy': [proxies.harmless, 'Proxy', /Proxy is not JSON/],
    'a prototype that is a proxy': [Object.create(proxies.throwing) as object, 'object', /plain object/],
    'a lone high surrogate': ['a\ud800', 'string', /lone surrogate cannot be stored/],
    'a lone low surrogate': ['\udc00a', 'string', /lone surrogate cannot be stored/],
    NUL: ['a\0', 'string', /u0000/],
  };

  it.each(Object.keys(refused))('refuses %s at any depth', (name) => {
    const [value, kind, message] = refused[name] ?? fail();
    for (const [payload, path] of [
      [value, 'payload'],
      [{ a: value }, 'payload.a'],
      [[0, { b: [value] }], 'payload[1].b[0]'],
    ] as const) {
      expect(refusal(payload)).toMatchObject({ path, kind, message: expect.stringMatching(message) as string });
    }
  });

  it('refuses keys that could change the object a receiver builds, or that cannot be stored', () => {
    expect(refusal(parse('{"a":{"__proto__":1}}')).path).toBe('payload.a.__proto__');
    expect(refusal({ constructor: 1 }).message).toMatch(/key constructor is refused.*rename it/);
    expect(refusal([{ prototype: 1 }]).path).toBe('payload[0].prototype');
    expect(refusal({ 'a\0': 1 }).message).toBe(
      'payload["a\\u0000"]: a key with \\u0000 or a lone surrogate cannot be stored; rename it',
    );
    expect(refusal({ 'a\ud800': undefined })).toMatchObject({ kind: 'key', path: 'payload["a\\ud800"]' });
    expect(refusal({ a: { [Symbol('id\n')]: 1 } })).toMatchObject({ kind: 'symbol', path: 'payload.a[Symbol(id\\n)]' });
  });

  it('refuses what an array would lose', () => {
    expect(refusal([1, , 2])).toMatchObject({ path: 'payload[1]', kind: 'hole' });
    expect(refusal({ a: [undefined] })).toMatchObject({ path: 'payload.a[0]', kind: 'undefined' });
    expect(refusal(Object.assign([1], { page: 2 }))).toMatchObject({ path: 'payload.page', kind: 'array' });
    expect(refusal(Object.assign([1], { [Symbol('s')]: 2 }))).toMatchObject({ path: 'payload[Symbol(s)]' });
    expect(
      [[undefined], Object.assign([1], { page: 2 }), Object.assign([], { [Symbol('s')]: 2 })].map((value) =>
        messageOf(value),
      ),
    ).toEqual([
      'payload[0]: undefined in an array would arrive as null; send null or leave the element out',
      'payload.page: a named property of an array would be lost; send an object',
      'payload[Symbol(s)]: a symbol as key is not JSON; use a string',
    ]);
    // a hole and a named property at once: the number of keys alone would not tell
    expect(refusal(Object.assign([1, , 2], { page: 2 })).kind).toBe('hole');
    expect(refusal(new Array(1_000_000_000)).kind).toBe('hole');
  });

  it('never runs a getter', () => {
    expect(refusal({ a: Object.defineProperty({}, 'b', { get: fail, enumerable: true }) })).toMatchObject({
      path: 'payload.a.b',
      kind: 'accessor',
    });
    expect(refusal({ set a(_: unknown) {} }).kind).toBe('accessor');
    expect(refusal(Object.defineProperty([0], 0, { get: fail, enumerable: true }))).toMatchObject({
      path: 'payload[0]',
      kind: 'accessor',
    });
  });

  it('finds a cycle and says where it closes', () => {
    const order: Record<string, unknown> = { id: 1 };
    order['items'] = [{ order }];
    expect(refusal({ order }).message).toBe(
      'payload.order.items[0].order: a cycle (it is payload.order again) is not JSON; send an id instead',
    );
    const self: unknown[] = [];
    self.push(self);
    expect(refusal(self)).toMatchObject({ path: 'payload[0]', kind: 'cycle' });
  });

  it('takes a value that stands in two places', () => {
    const shared = { id: 1 };
    expect(parse(encode({ a: shared, b: [shared, shared] }))).toEqual({ a: shared, b: [shared, shared] });
  });

  it('takes 100 levels and refuses the next', () => {
    expect(parse(encode(nest(99)))).toEqual(nest(99));
    expect(refusal(nest(100)).message).toMatch(/is nested deeper than 100 levels; send a flatter payload, or an id$/);
  });

  it('refuses undefined as the whole payload, and takes null', () => {
    expect(refusal(undefined).message).toBe('payload: undefined is not JSON; send null');
    expect(encode(null)).toBe('null');
  });

  it('drops undefined properties and ignores what is not enumerable', () => {
    const value = Object.defineProperty({ a: undefined, b: 1 }, Symbol('hidden'), { value: fail });
    Object.defineProperty(value, 'c', { get: fail });
    expect(encode(value)).toBe('{"b":1}');
  });

  it('takes plain objects of any realm and without a prototype', () => {
    expect(encode(runInNewContext('({ a: [1, { b: null }] })'))).toBe('{"a":[1,{"b":null}]}');
    expect(encode(Object.assign(Object.create(null) as object, { a: 1 }))).toBe('{"a":1}');
    expect(refusal(runInNewContext('({ a: new Date() })'))).toMatchObject({ path: 'payload.a', kind: 'Date' });
  });

  it('refuses raw JSON where the runtime has it', () => {
    const known = Object.getOwnPropertyDescriptor(JSON, 'isRawJSON');
    const raw = Object.freeze(Object.assign(Object.create(null) as object, { rawJSON: '12345678901234567890' }));
    Object.defineProperty(JSON, 'isRawJSON', { value: (value: unknown) => value === raw, configurable: true });
    try {
      expect(refusal({ id: raw }).message).toBe('payload.id: raw JSON is not JSON; send a number or a string');
    } finally {
      if (known === undefined) {
        Reflect.deleteProperty(JSON, 'isRawJSON');
      } else {
        Object.defineProperty(JSON, 'isRawJSON', known);
      }
    }
  });

  it('takes an instance of the given class at the root only', () => {
    const options = { limitBytes: LIMIT, prototype: Money.prototype };
    expect(encodePayload(new Money(5), options)).toBe('{"amount":5}');
    expect(() => encodePayload({ price: new Money(5) }, options)).toThrow('payload.price: an instance of Money');
    class Euro extends Money {}
    expect(() => encodePayload(new Euro(5), options)).toThrow('payload: an instance of Euro');
  });

  it('measures in UTF-8 and names the size, the limit and the option', () => {
    expect(encode('é'.repeat(9), 20)).toBe(`"${'é'.repeat(9)}"`);
    expect(refusal('é'.repeat(10), 20)).toMatchObject({
      kind: 'size',
      message:
        'payload: has 22 bytes of JSON, more than the 20 of payloadLimit; send an id instead, or raise payloadLimit',
    });
    expect(() => encodePayload('xxx', { limitBytes: 4, root: 'event', limitOption: 'limits.payload' })).toThrow(
      'event: has 5 bytes of JSON, more than the 4 of limits.payload',
    );
  });

  it('gives up on a small graph that would be an endless text', () => {
    let graph: unknown = 'x';
    for (let level = 0; level < 90; level++) {
      graph = [graph, graph];
    }
    expect(refusal(graph, 1_000).message).toMatch(/has more than \d+ bytes of JSON/);
  });

  it.each<[string, unknown, unknown]>([
    ['characters of a text', 'x'.repeat(62), 'x'.repeat(63)],
    ['names of properties', { ['k'.repeat(57)]: 1 }, { ['k'.repeat(58)]: 1 }],
    ['nulls', new Array(15).fill(null), new Array(16).fill(null)],
    ['truths', new Array(15).fill(true), new Array(16).fill(true)],
    ['numbers', new Array(62).fill(1), new Array(63).fill(1)],
    ['objects', new Array(31).fill({}), new Array(32).fill({})],
  ])('gives up after 64 times the limit: counted are %s', (_, exact, abandoned) => {
    expect([messageOf(exact, 1), messageOf(abandoned, 1)]).toEqual([
      expect.stringMatching(/has \d+ bytes/),
      expect.stringMatching(/has more than 6\d bytes/),
    ]);
  });

  it('shows 60 characters of a key', () => {
    expect(refusal({ ['k'.repeat(60)]: 1n }).path).toBe(`payload.${'k'.repeat(60)}`);
    expect(refusal({ ['k'.repeat(61)]: 1n }).path).toBe(`payload["${'k'.repeat(60)}…"]`);
  });

  it('keeps a key from forging a line of the log', () => {
    expect(refusal({ 'a\n\u001b[2J\u202e': 1n }).message).toMatch(/^payload\["a\\n\\u001b\[2J\\u202e"\]: BigInt/);
  });

  it('gives back every JSON value, or refuses it for a key or a text it cannot keep', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }), (value) => {
        // JSON itself has no -0: fast-check's parsed values may hold one
        const text = encodeOrRefusal(value);
        if (text instanceof PayloadError) {
          return ['key', '-0', 'string'].includes(text.kind) || text.message.includes('toJSON');
        }
        expect(parse(text)).toStrictEqual(value);
        return true;
      }),
      { numRuns: 500 },
    );
  });

  it('survives the trip unchanged but for undefined properties, or is refused, whatever it is given', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      stringUnit: 'binary',
    });
    fc.assert(
      fc.property(anything, (value) => {
        const text = encodeOrRefusal(value);
        if (typeof text === 'string') {
          expect(parse(text)).toEqual(value); // toEqual overlooks undefined properties and prototypes, nothing else
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

function encodeOrRefusal(value: unknown): string | PayloadError {
  try {
    return encode(value);
  } catch (error) {
    if (error instanceof PayloadError) {
      return error;
    }
    throw error;
  }
}

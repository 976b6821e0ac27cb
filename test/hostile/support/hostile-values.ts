/** Thrown by what does not want to be looked at. */
export class Trap extends Error {}

const trap = (): never => {
  throw new Trap('looked at');
};

const cyclic: Record<string, unknown> = { name: 'cyclic' };
cyclic['self'] = cyclic;

let deep: unknown = 1;
for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];

const revoked = Proxy.revocable({}, {});
revoked.revoke();

const TRAPS: ProxyHandler<object> = {
  get: trap,
  has: trap,
  ownKeys: trap,
  getPrototypeOf: trap,
  getOwnPropertyDescriptor: trap,
};

/** Values no caller with types would hand in, and some they might, by name. */
export const HOSTILE_VALUES: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  zero: 0,
  'minus one': -1,
  'minus zero': -0,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  fraction: 1.5,
  'largest number': Number.MAX_VALUE,
  'beyond safe integers': 2 ** 53,
  'beyond int4': 2 ** 31,
  bigint: 10n,
  'empty string': '',
  'blank string': '  ',
  'string with NUL': 'a\0b',
  'lone surrogate': 'a\ud800b',
  'huge string': 'x'.repeat(400_000),
  'many digits': '9'.repeat(30),
  SQL: `'; drop table jobs_job; --`,
  __proto__name: '__proto__',
  constructorName: 'constructor',
  symbol: Symbol('s'),
  function: () => 1,
  'arrow that throws': trap,
  class: class {},
  'empty array': [],
  'array of null': [null],
  'array of an array': [['a']],
  'sparse array': new Array(3),
  'long array': new Array(2_000).fill('a'),
  'array of a symbol': [Symbol('s')],
  'empty object': {},
  'object without prototype': Object.create(null),
  'own __proto__': JSON.parse('{"__proto__":{"a":1}}'),
  'object with strange members': { toString: 1, valueOf: 1, then: 1, constructor: {}, length: -1 },
  'object that refuses to be a primitive': { [Symbol.toPrimitive]: trap, toString: trap, valueOf: trap, toJSON: trap },
  'object with an unknown key': { nobodyKnowsThis: 1 },
  'object with a getter that throws': Object.defineProperty({}, 'id', { enumerable: true, get: trap }),
  cyclic,
  deep,
  'invalid date': new Date(Number.NaN),
  'furthest date': new Date(8.64e15),
  'own toISOString': Object.assign(new Date(0), { toISOString: trap, getUTCFullYear: () => 2000 }),
  'regular expression': /x/,
  map: new Map([['a', 1]]),
  set: new Set(['a']),
  buffer: Buffer.from('a'),
  error: new Error('an error'),
  promise: Promise.resolve(1),
  'boxed string': Object('text'),
  proxy: new Proxy({}, TRAPS),
  'proxy of an array': new Proxy([], TRAPS),
  'proxy of a function': new Proxy(() => 1, { ...TRAPS, apply: trap }),
  'revoked proxy': revoked.proxy,
};

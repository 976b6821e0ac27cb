import fc from 'fast-check';
import { describeError } from '../../../lib/engine/text/describe-error.js';
import { escapeForLog } from '../../../lib/engine/text/escape-for-log.js';
import { kindOf } from '../../../lib/engine/text/kind-of.js';
import { storableText, UNPRINTABLE } from '../../../lib/engine/text/storable-text.js';
import { isStorable } from '../../../lib/engine/text/well-formed.js';

const fail = (): never => {
  throw new Error('hostile');
};
const hostileProxy = (): object =>
  new Proxy(
    {},
    {
      get: fail,
      has: fail,
      ownKeys: fail,
      getPrototypeOf: fail,
      getOwnPropertyDescriptor: fail,
      set: fail,
      defineProperty: fail,
    },
  );
const revokedProxy = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const hostileError = (): Error =>
  Object.defineProperties(new Error('x'), {
    stack: { get: fail }, // first: V8 formats a stack lazily, out of name and message
    message: { get: fail },
    name: { get: fail },
    code: { get: fail },
    cause: { get: fail },
  });
const hostile: readonly [string, () => unknown][] = [
  ['a proxy whose traps throw', hostileProxy],
  ['a revoked proxy', revokedProxy],
  ['an error whose getters throw', hostileError],
  ['an object whose toString throws', () => ({ toString: fail, [Symbol.toPrimitive]: fail })],
  ['an object without a prototype', () => Object.create(null) as object],
  ['an error with a proxy as prototype', () => Object.setPrototypeOf(new Error('x'), hostileProxy()) as object],
  ['a symbol', () => Symbol('s')],
  ['undefined', () => undefined],
];

const anyText = fc
  .string({ unit: 'binary', maxLength: 60 })
  .chain((text) =>
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
      .map((codes) => text + String.fromCharCode(...codes)),
  );

describe('storableText', () => {
  it('replaces NUL and lone surrogates and keeps everything else', () => {
    expect(storableText('a\0b\ud800c\udc00d😀\n', 100)).toBe('a\ufffdb\ufffdc\ufffdd😀\n');
  });

  it('never splits a surrogate pair', () => {
    expect(storableText('ab😀', 3)).toBe('ab');
    expect(storableText('ab😀', 4)).toBe('ab😀');
    expect(storableText('😀', 1)).toBe('');
  });

  it('takes the message of an error and inspects other objects', () => {
    expect(storableText(new TypeError('no\0'), 100)).toBe('no\ufffd');
    expect(storableText({ status: 503 }, 100)).toBe('{ status: 503 }');
    expect(storableText(undefined, 100)).toBe('undefined');
  });

  it.each([0, -1, Number.NaN, -Infinity])('gives nothing for a limit of %p', (limit) => {
    expect(storableText('abc', limit)).toBe('');
  });

  it.each(hostile)('takes %s', (_, make) => {
    expect(isStorable(storableText(make(), 50))).toBe(true);
  });

  it('is storable, within the limit, and the same when there is nothing to do', () => {
    fc.assert(
      fc.property(anyText, fc.nat(90), (text, limit) => {
        const stored = storableText(text, limit);
        return (
          isStorable(stored) && stored.length <= limit && (!isStorable(text) || text.length > limit || stored === text)
        );
      }),
    );
  });
});

describe('describeError', () => {
  it('describes an error with its chain of causes and its code', () => {
    const driverError = Object.assign(new Error('duplicate'), { code: '23505' });
    const description = describeError(new RangeError('outer', { cause: driverError }));
    expect(description).toMatchObject({
      name: 'RangeError',
      message: 'outer',
      cause: { name: 'Error', message: 'duplicate', code: '23505' },
    });
    expect(description.stack).toContain('RangeError: outer');
  });

  it('ends a chain that never ends', () => {
    const error = new Error('loop');
    error.cause = error;
    let length = 0;
    for (
      let link: ReturnType<typeof describeError> | undefined = describeError(error);
      link !== undefined;
      link = link.cause
    ) {
      length++;
    }
    expect(length).toBe(5);
  });

  it('describes what is no error', () => {
    expect(describeError('plain')).toEqual({ name: 'string', message: 'plain', stack: null });
    expect(describeError(undefined)).toEqual({ name: 'undefined', message: 'undefined', stack: null });
  });

  it('joins the messages of an aggregate error that has none of its own', () => {
    expect(describeError(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')])).message).toBe(
      '::1 refused; 127.0.0.1 refused',
    );
  });

  it('redacts every text, before it is cut', () => {
    const error = Object.assign(new Error(`${'x'.repeat(1_990)}secret-token`), { code: 'secret-token' });
    const text = JSON.stringify(describeError(error, (part) => part.replaceAll('secret-token', '***')));
    expect(text).not.toContain('secret');
  });

  it('drops a text that the redact hook fails on', () => {
    expect(describeError(new Error('secret'), fail)).toEqual({
      name: UNPRINTABLE,
      message: UNPRINTABLE,
      stack: UNPRINTABLE,
    });
    expect(describeError('secret', () => undefined as unknown as string).message).toBe(UNPRINTABLE);
  });

  it.each(hostile)('takes %s', (_, make) => {
    const text = JSON.stringify(describeError(make()));
    expect(isStorable(text)).toBe(true);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const description = describeError(value);
        return isStorable(description.message) && isStorable(description.name);
      }),
    );
  });
});

describe('escapeForLog', () => {
  it('keeps a payload from forging a line, colours or the reading order', () => {
    expect(escapeForLog('ok\r\n[Nest] fake\t\u001b[31m\u202ecod\u2028\u0085\ud800')).toBe(
      'ok\\r\\n[Nest] fake\\t\\u001b[31m\\u202ecod\\u2028\\u0085\\ud800',
    );
  });

  it('leaves ordinary text of any language alone', () => {
    const text = 'José 漢字 😀 👩‍👩‍👧 עברית C:\\dir "quoted"';
    expect(escapeForLog(text)).toBe(text);
  });

  it('leaves no control character behind', () => {
    fc.assert(
      fc.property(anyText, (text) => !/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(escapeForLog(text))),
    );
  });
});

describe('kindOf', () => {
  class Money {}
  const examples: readonly [unknown, string][] = [
    [null, 'null'],
    [1, 'number'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [1n, 'bigint'],
    [[], 'array'],
    [{}, 'object'],
    [new Date(), 'Date'],
    [new Map(), 'Map'],
    [new Money(), 'Money'],
    [hostileProxy(), 'Proxy'],
    [revokedProxy(), 'Proxy'],
  ];

  it('names what a value is', () => {
    expect(examples.map(([value]) => kindOf(value))).toEqual(examples.map(([, kind]) => kind));
  });

  it('runs no code of the value', () => {
    const value = Object.create({
      get constructor(): never {
        return fail();
      },
    }) as object;
    expect(kindOf(value)).toBe('object');
  });
});

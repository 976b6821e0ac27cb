import fc from 'fast-check';
import { PayloadError } from '../../../lib/errors/payload.error.js';
import {
  checkCorrelationId,
  checkKey,
  checkSender,
  checkTags,
  checkTenant,
  isSender,
} from '../../../lib/events/payload/check-labels.js';
import { deduplicationHash } from '../../../lib/events/payload/deduplication-hash.js';
import { encodeHeaders } from '../../../lib/events/payload/encode-headers.js';
import { headersOf } from '../../../lib/events/payload/event-headers.js';
import { isJsonObject } from '../../../lib/events/payload/json.js';

it('knows an object of JSON', () => {
  expect([{}, null, [], 'text', undefined].map(isJsonObject)).toEqual([true, false, false, false, false]);
});

describe('encodeHeaders', () => {
  it('writes texts by name, and null for none', () => {
    expect(encodeHeaders({ traceparent: '00-ab', 'x-user': 'José', missing: undefined })).toBe(
      '{"traceparent":"00-ab","x-user":"José"}',
    );
    expect([undefined, null, {}, { a: undefined }].map((headers) => encodeHeaders(headers))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('takes 64 headers, names of 128 characters and 8 KiB', () => {
    const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`h${index}`, 'x']));
    const long = { ['n'.repeat(128)]: '!~' };
    const large = { a: 'x'.repeat(8_184) };
    expect([many, long, large].map((headers) => encodeHeaders(headers))).toEqual(
      [many, long, large].map((headers) => JSON.stringify(headers)),
    );
  });

  it('names the option that sets the limit, where there is one', () => {
    expect(() => encodeHeaders({ a: 'bcd' }, 10, 'limits.headers')).toThrow(
      'headers: has 11 bytes of JSON, more than the 10 of limits.headers; send an id instead, or raise limits.headers',
    );
  });

  it.each<[string, unknown, string]>([
    ['a function', () => 'a', 'headers: function is not a set of headers'],
    ['a list', ['a'], 'headers: array is not a set of headers; send an object of texts by name'],
    ['a text', 'a', 'headers: string is not a set of headers'],
    ['an instance', new Headers({ a: 'b' }), 'headers: an instance of Headers would arrive as a plain object'],
    ['a number', { retries: 3 }, 'headers.retries: number is not a header value; send a string'],
    ['a list of values', { cookie: ['a'] }, 'headers.cookie: array is not a header value; send a string'],
    [
      'a name with a space',
      { 'a b': 'c' },
      'headers["a b"]: a header name has 1 to 128 printable ASCII characters and no space; rename it',
    ],
    ['an empty name', { '': 'c' }, 'headers[""]: a header name has'],
    ['a long name', { ['n'.repeat(129)]: 'c' }, 'a header name has'],
    ['NUL in a value', { a: '\0' }, 'headers.a: a text with \\u0000'],
    ['__proto__', JSON.parse('{"__proto__":"x"}'), 'headers.__proto__: the key __proto__ is refused'],
    [
      '65 entries',
      Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`h${i}`, ''])),
      'headers: has 65 entries, more than 64',
    ],
    [
      '8 KiB',
      { a: 'x'.repeat(8_192) },
      'headers: has 8200 bytes of JSON, more than the 8192 allowed; send an id instead',
    ],
  ])('refuses %s', (_, headers, message) => {
    expect(() => encodeHeaders(headers)).toThrow(PayloadError);
    expect(() => encodeHeaders(headers)).toThrow(message);
  });
});

describe('headersOf', () => {
  it('gives the headers back, and undefined for none', () => {
    expect(headersOf({ headers: { a: 'b' } })).toEqual({ a: 'b' });
    const undefinedOnes = { a: undefined, 'nestjs-jobs-sender': undefined } as never;
    expect([{}, { headers: {} }, { headers: undefinedOnes }].map(headersOf)).toEqual([undefined, undefined, undefined]);
  });

  it('adds the sender', () => {
    expect(headersOf({ headers: { a: 'b' }, sender: 'orders' })).toEqual({ a: 'b', 'nestjs-jobs-sender': 'orders' });
    expect(headersOf({ sender: 'orders' })).toEqual({ 'nestjs-jobs-sender': 'orders' });
  });

  it('refuses headers and senders that are none, and the header that is kept for the sender', () => {
    expect(() => headersOf({ headers: { a: 7 as never } })).toThrow('headers.a: number is not a header value');
    expect(() => headersOf({ sender: '' })).toThrow('sender: an empty string says nothing');
    expect(() => headersOf({ headers: { 'nestjs-jobs-sender': 'orders' } })).toThrow(
      'headers.nestjs-jobs-sender: is kept for the sender',
    );
  });
});

describe('labels', () => {
  const checks = { key: checkKey, tenant: checkTenant, correlationId: checkCorrelationId, sender: checkSender };

  it('know a sender', () => {
    expect(['orders', 'x'.repeat(255), '', 'x'.repeat(256), 'a\0', 7, undefined].map(isSender)).toEqual([
      ...[true, true, false, false, false, false, false],
    ]);
  });

  it.each(Object.entries(checks))('%s is a text of 1 to 255 characters, or nothing', (field, check) => {
    expect(check(undefined)).toBeNull();
    expect(check(null)).toBeNull();
    expect(check('x'.repeat(255))).toBe('x'.repeat(255));
    expect(() => check('x'.repeat(256))).toThrow(`${field}: has 256 characters, more than 255`);
    expect(() => check('')).toThrow(`${field}: an empty string says nothing`);
    expect(() => check(7)).toThrow(`${field}: number is not a text; send a string of 1 to 255 characters`);
    expect(() => check('a\0')).toThrow(`${field}: a text with \\u0000`);
    expect(() => check('\udfff')).toThrow(expect.objectContaining({ path: field, kind: 'string' }));
  });

  it('takes up to 32 tags of 100 characters, as a copy', () => {
    const tags = Array.from({ length: 32 }, () => 't'.repeat(100));
    expect(checkTags(tags)).toEqual(tags);
    expect(checkTags(tags)).not.toBe(tags);
    expect([checkTags(undefined), checkTags(null), checkTags([])]).toEqual([null, null, null]);
  });

  it('refuses a proxy of a list without looking into it', () => {
    expect(() => checkTags(new Proxy(['vip'], {}))).toThrow('tags: Proxy is not a list of tags');
  });

  it('refuses other tags by name', () => {
    expect(() => checkTags('vip')).toThrow('tags: string is not a list of tags; send an array of strings');
    expect(() => checkTags(new Set(['vip']))).toThrow('tags: Set is not a list of tags');
    expect(() => checkTags(Array.from({ length: 33 }, () => 't'))).toThrow('tags: has 33 tags, more than 32');
    expect(() => checkTags(['a', 't'.repeat(101)])).toThrow('tags[1]: has 101 characters, more than 100');
    expect(() => checkTags(['a', , 'b'])).toThrow('tags[1]: undefined is not a text');
  });
});

describe('deduplicationHash', () => {
  const scope = { event: 'order.paid', tenant: null };

  it('is a SHA-256 that stays the same', () => {
    expect(deduplicationHash('order-1', scope).toString('hex')).toBe(
      '257d93068749e697aa44fd714dc0c05ee14b2a134dfd5908d220301001e19eeb',
    );
  });

  it('is one for each key and scope', () => {
    const part = fc.string({ minLength: 1, unit: 'binary', maxLength: 4 });
    const input = fc.tuple(fc.oneof(part, fc.array(part, { minLength: 1, maxLength: 3 })), part, fc.option(part));
    fc.assert(
      fc.property(input, input, (left, right) => {
        const [a, b] = [left, right].map(([key, event, tenant]) => deduplicationHash(key, { event, tenant }));
        expect(a?.equals(b ?? Buffer.alloc(0))).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
    );
    expect(deduplicationHash(['a', 'b'], scope)).not.toEqual(deduplicationHash(['ab'], scope));
    expect(deduplicationHash('a', { event: 'b', tenant: 'null' })).not.toEqual(
      deduplicationHash('a', { event: 'b', tenant: null }),
    );
  });

  it('refuses parts that name nothing, wherever they stand, and a proxy', () => {
    expect(() => deduplicationHash(['a', ''], scope)).toThrow('dedupeKey[1]: an empty string');
    expect(() => deduplicationHash([undefined as never, 'a'], scope)).toThrow('dedupeKey[0]: undefined is not part');
    expect(() => deduplicationHash(new Proxy(['a'], {}), scope)).toThrow('dedupeKey: Proxy is not part');
  });

  it('refuses a key that names nothing', () => {
    expect(() => deduplicationHash('', scope)).toThrow('dedupeKey: an empty string would make unrelated events one');
    expect(() => deduplicationHash([], scope)).toThrow('dedupeKey: an empty array names nothing');
    expect(() => deduplicationHash(['a', 7 as unknown as string], scope)).toThrow(
      'dedupeKey[1]: number is not part of a deduplication key',
    );
    expect(() => deduplicationHash(undefined as unknown as string, scope)).toThrow('dedupeKey: undefined is not part');
  });
});

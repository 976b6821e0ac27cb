import { canBeRead, fieldNames, isInstance, isList, isoTimeOf, isRecord, listOf } from '../../lib/options/readable.js';

const trap = (): never => {
  throw new Error('looked at');
};
const hostile = new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap });
const hostileList: unknown = new Proxy([], { get: trap });
const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe('A look at a value from outside', () => {
  it('finds objects that are no lists, and throws for none', () => {
    expect([{}, Object.create(null), hostile, [], null, 'text', undefined, revoked.proxy].map(isRecord)).toEqual([
      ...[true, true, true, false, false, false, false, false],
    ]);
  });

  it('finds lists, and throws for none', () => {
    expect([[], [1], {}, 'text', hostileList, revoked.proxy].map(isList)).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it('names the fields of an object, unless it refuses', () => {
    expect([fieldNames({ a: 1, b: undefined }), fieldNames(hostile)]).toEqual([['a', 'b'], undefined]);
  });

  it('says whether a field can be read', () => {
    const record = {
      fine: 1,
      get broken(): never {
        return trap();
      },
    };
    expect([
      canBeRead(record, 'fine'),
      canBeRead(record, 'missing'),
      canBeRead(record, 'broken'),
      canBeRead(hostile, 'a'),
    ]).toEqual([...[true, true, false, false]]);
  });

  it('copies a list up to a limit, holes included, and leaves what cannot be read', () => {
    const list = [1, 2];
    const copy = listOf(list, 2);
    expect([
      copy,
      copy === list,
      listOf(list, 1),
      listOf(new Array(1), 1),
      listOf('ab', 5),
      listOf(hostileList, 5),
    ]).toEqual([...[[1, 2], false, undefined, [undefined], undefined, undefined]]);
  });

  it('knows an instance', () => {
    expect([isInstance(Date, new Date()), isInstance(Date, {}), isInstance(Date, hostile)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['0001-01-01T00:00:00.000Z', new Date('0001-01-01T00:00:00.000Z')],
    ['9999-12-31T23:59:59.999Z', new Date('9999-12-31T23:59:59.999Z')],
    ['1970-01-01T00:00:00.000Z', Object.assign(new Date(0), { toISOString: () => 'forged', getTime: () => 1 })],
    [undefined, new Date(Date.parse('0001-01-01T00:00:00Z') - 1)],
    [undefined, new Date(Date.parse('9999-12-31T23:59:59.999Z') + 1)],
    [undefined, new Date(Number.NaN)],
    [undefined, 0],
    [undefined, { getTime: () => 0 }],
    [undefined, Object.create(Date.prototype)],
  ])('reads the time %s', (expected, value) => {
    expect(isoTimeOf(value)).toBe(expected);
  });
});

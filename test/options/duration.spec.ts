import fc from 'fast-check';
import { DurationError } from '../../lib/errors/duration.error.js';
import { parseDuration } from '../../lib/options/duration.js';

describe('parseDuration', () => {
  it.each<[number | string, number]>([
    [0, 0],
    [-0, 0],
    [1500, 1500],
    [1.4, 1],
    ['0', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2 hours', 7_200_000],
    ['7d', 604_800_000],
    [`${'0'.repeat(97)}30s`, 30_000],
  ])('reads %p as %p ms', (value, expected) => {
    expect(Object.is(parseDuration(value, 'retry.delay'), expected)).toBe(true);
  });

  it.each([
    -1,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 60,
    '',
    '-5s',
    'soon',
    '10 apples',
    `${'0'.repeat(98)}30s`,
    '99999999999999999999y',
  ])('refuses %p', (value) => {
    expect(() => parseDuration(value, 'retry.delay')).toThrow(DurationError);
  });

  it('names the field, the value and the remedy', () => {
    expect(() => parseDuration('soon\n', 'retention')).toThrow(
      "retention: the text 'soon\\n' is not a duration; give milliseconds as a number of at least 0, or text such as '30s', '5m' or '7d'",
    );
    expect(() => parseDuration(`soon${'!'.repeat(50)}`, 'retention')).toThrow(`'soon${'!'.repeat(36)}' is not`);
    expect(() => parseDuration(-3, 'retention')).toThrow('retention: the number -3 is not a duration');
    expect(() => parseDuration([] as never, 'retention')).toThrow('retention: array is not a duration');
    expect(() => parseDuration(null as unknown as number, 'retention')).toThrow(DurationError);
    expect(() => parseDuration(new Date() as unknown as number, 'retention')).toThrow(
      expect.objectContaining({ field: 'retention', kind: 'Date' }),
    );
  });

  it('answers whole milliseconds or refuses, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          const milliseconds = parseDuration(value as string, 'field');
          return Number.isSafeInteger(milliseconds) && milliseconds >= 0;
        } catch (error) {
          return error instanceof DurationError;
        }
      }),
    );
  });
});

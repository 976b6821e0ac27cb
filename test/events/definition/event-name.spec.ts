import fc from 'fast-check';
import { EventDefinitionError } from '../../../lib/errors/event-definition.error.js';
import {
  assertEventName,
  assertEventPattern,
  candidatePatterns,
  isWildcard,
  matchesPattern,
} from '../../../lib/events/definition/event-name.js';

const segment = fc.string({ unit: fc.constantFrom('a', 'b', 'z', '0', '9', '_', '-'), minLength: 1, maxLength: 3 });
const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('.'));
const pattern = fc.oneof(
  name,
  name.map((prefix) => `${prefix}.*`),
  fc.constant('*'),
);

describe('event names', () => {
  it.each(['payment.completed', 'a', 'order-2.line_items.x', 'a'.repeat(200)])('takes %s', (value) => {
    expect(() => assertEventName(value)).not.toThrow();
    expect(() => assertEventPattern(value)).not.toThrow();
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'Payment', 'a b', 'a.*', '*', 'a\n', 'é', 'a'.repeat(201), 7, null, undefined])(
    'refuses %p as a name',
    (value) => {
      expect(() => assertEventName(value)).toThrow(EventDefinitionError);
    },
  );

  it('says what was given and what to do', () => {
    expect(() => assertEventName('Paid\n')).toThrow(
      "'Paid\\n': is not the name of an event; use lower-case segments of letters, digits, _ and - with dots between, such as payment.completed",
    );
    expect(() => assertEventName(undefined)).toThrow('undefined: is not the name of an event');
    expect(() => assertEventPattern('order*')).toThrow("'order*': is no event name or pattern; listen to a name");
  });

  it.each(['*', 'order.*', 'a.b-c.*'])('takes %s as a pattern', (value) => {
    expect(() => assertEventPattern(value)).not.toThrow();
    expect(isWildcard(value)).toBe(true);
  });

  it.each(['', '.*', '**', 'a.**', 'a.*.b', '*.a', 'a*', 'A.*', 'a..*', 7])('refuses %p as a pattern', (value) => {
    expect(() => assertEventPattern(value)).toThrow(EventDefinitionError);
  });

  it('lists the patterns that match a name, the most exact first', () => {
    expect(candidatePatterns('a.b.c')).toEqual(['a.b.c', 'a.b.*', 'a.*', '*']);
    expect(candidatePatterns('a')).toEqual(['a', '*']);
  });

  it('matches by whole segments', () => {
    expect(matchesPattern('order.*', 'order.line.added')).toBe(true);
    expect(matchesPattern('order.*', 'order')).toBe(false);
    expect(matchesPattern('order.*', 'orders.paid')).toBe(false);
    expect(matchesPattern('order', 'order.paid')).toBe(false);
    expect(matchesPattern('*', 'order')).toBe(true);
  });

  it('lists exactly the patterns that match', () => {
    fc.assert(
      fc.property(name, pattern, (eventName, candidate) => {
        return matchesPattern(candidate, eventName) === candidatePatterns(eventName).includes(candidate);
      }),
    );
    fc.assert(
      fc.property(name, (eventName) => {
        const candidates = candidatePatterns(eventName);
        candidates.forEach(assertEventPattern);
        return (
          candidates.every((candidate) => matchesPattern(candidate, eventName)) &&
          new Set(candidates).size === candidates.length
        );
      }),
    );
  });
});

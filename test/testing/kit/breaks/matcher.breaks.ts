import { jobsMatchers } from '../../../../lib/testing/index.js';
import type { Break } from './break.js';

type Name = keyof typeof jobsMatchers;
type Arguments = readonly unknown[];

interface Verdict {
  readonly pass: boolean;
  message(): string;
}

const NAMES = Object.keys(jobsMatchers) as readonly Name[];
const COUNTING = NAMES.filter((name) => name !== 'toHaveEmittedInOrder');

/** A matcher that is told something else than the test says, or says something else itself. */
function broken(
  name: Name,
  {
    told = (given) => given,
    says = (pass) => pass,
  }: { told?: (given: Arguments) => Arguments; says?: (pass: boolean) => boolean },
): Break['matchers'] {
  const sound = (given: Arguments): Verdict => {
    const verdict: Verdict = Reflect.apply(jobsMatchers[name], undefined, given);
    return verdict;
  };
  return {
    [name]: (...given: Arguments): Verdict => {
      const { pass, message } = sound(told(given));
      return { pass: says(pass), message };
    },
  };
}

/** Arguments of which the one at the index is left out. */
const without = (index: number) => (given: Arguments) => given.map((value, at) => (at === index ? undefined : value));

/** The same for a field of any argument. */
const withoutField = (field: string) => (given: Arguments) =>
  given.map((value) => (typeof value === 'object' && value !== null && field in value ? omit(field, value) : value));

function omit(field: string, value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
}

export const matcherBreaks: readonly Break[] = [
  ...NAMES.flatMap((name) => [
    {
      what: `passes ${name} whatever happened`,
      found: new RegExp(`^${name} knows`),
      matchers: broken(name, { says: () => true }),
    },
    {
      what: `passes ${name} never`,
      found: new RegExp(`^${name} knows`),
      matchers: broken(name, { says: () => false }),
    },
  ]),
  ...COUNTING.flatMap((name) => [
    {
      what: `has ${name} count nothing`,
      found: new RegExp(`^${name} knows`),
      matchers: broken(name, { told: withoutField('times') }),
    },
    {
      what: `has ${name} look at the name alone`,
      found: new RegExp(`^${name} knows`),
      matchers: broken(name, { told: without(2) }),
    },
  ]),
  {
    what: 'has toHaveDelivered take one receiver for another',
    found: /^toHaveDelivered knows/,
    matchers: broken('toHaveDelivered', { told: withoutField('to') }),
  },
  {
    what: 'has toHaveDelivered take one outcome for another',
    found: /^toHaveDelivered knows/,
    matchers: broken('toHaveDelivered', { told: withoutField('outcome') }),
  },
  {
    what: 'has toHaveEmitted look at nothing beside the payload',
    found: /^toHaveEmitted knows/,
    matchers: broken('toHaveEmitted', { told: without(3) }),
  },
];

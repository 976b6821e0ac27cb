import { AddPaymentMethod } from '../onboarding/steps/add-payment-method.js';
import { InviteColleague } from '../onboarding/steps/invite-colleague.js';
import { NameCompany } from '../onboarding/steps/name-company.js';
import { VerifyEmail } from '../onboarding/steps/verify-email.js';

/** What somebody of the story did: signed up, or what a step of the onboarding asks for. */
export type DemoDeed =
  'sign-up' | typeof VerifyEmail | typeof NameCompany | typeof AddPaymentMethod | typeof InviteColleague;

/** One moment of the story. */
export interface DemoMoment {
  readonly hoursAgo: number;
  readonly email: string;
  readonly deed: DemoDeed;
}

const STEPS = [VerifyEmail, NameCompany, AddPaymentMethod, InviteColleague] as const;

/** People in the order in which they signed up, each with how many steps they have done: most stall where the card is asked for. */
const PEOPLE: readonly (readonly [name: string, done: number])[] = [
  ['ada', 4],
  ['ben', 2],
  ['cleo', 0],
  ['dora', 4],
  ['emil', 2],
  ['fay', 1],
  ['gus', 2],
  ['hana', 3],
  ['ivo', 4],
  ['jun', 2],
  ['kim', 0],
  ['lev', 2],
  ['mia', 3],
  ['nils', 2],
  ['oda', 4],
  ['pat', 1],
  ['quin', 2],
  ['rosa', 3],
  ['sol', 2],
  ['tom', 1],
  ['uma', 2],
  ['vera', 0],
  ['will', 1],
  ['zoe', 0],
];
const BEGINNING = 40 * 24;
const BETWEEN_SIGN_UPS = 40;
/** Hours from one step to the next, for the quickest; others take two or three times as long. */
const HOURS_FOR_STEP = [1, 3, 30, 50] as const;

/** What happened in the last forty days, the first first. The same each time. */
export const DEMO_STORY: readonly DemoMoment[] = PEOPLE.flatMap(([name, done], index) => {
  const email = `${name}@example.com`;
  let hoursAgo = BEGINNING - index * BETWEEN_SIGN_UPS;
  const moments: DemoMoment[] = [{ hoursAgo, email, deed: 'sign-up' }];
  for (const [place, step] of STEPS.slice(0, done).entries()) {
    hoursAgo -= (HOURS_FOR_STEP[place] ?? 1) * (1 + (index % 3));
    if (hoursAgo > 0) moments.push({ hoursAgo, email, deed: step });
  }
  return moments;
}).sort((one, other) => other.hoursAgo - one.hoursAgo);

import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';

import { JobsService, JobSweeps } from '../../lib/index.js';
import type { Account } from '../accounts/account.entity.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { AddPaymentMethod } from '../onboarding/steps/add-payment-method.js';
import { ONBOARDING_STEPS } from '../onboarding/steps/index.js';
import { NameCompany } from '../onboarding/steps/name-company.js';
import { VerifyEmail } from '../onboarding/steps/verify-email.js';
import { DEMO_STORY, type DemoDeed, type DemoMoment } from './demo-story.js';

const HOUR = 3_600_000;
const PATIENCE = 30_000;
const PAUSE = 5;

/**
 * Fills an empty database by letting a story happen: through the services that everybody uses, with real events and receivers, at times
 * of the past. The clock that it moves is the one the application was made with (`JobsModule.forRoot({ clock })`), which is there for
 * tests and for this, and which no application that serves anybody should move.
 */
@Injectable()
export class DemoData {
  constructor(
    private readonly accounts: AccountsService,
    private readonly jobs: JobsService,
    private readonly sweeps: JobSweeps,
  ) {}

  /** Lets the story happen, or the rest of it. */
  async tell(clock: { offset: number }): Promise<void> {
    for (const moment of DEMO_STORY) {
      clock.offset = -moment.hoursAgo * HOUR;
      await this.sweeps.expire();
      await this.happen(moment);
    }
  }

  private async happen({ email, deed }: DemoMoment): Promise<void> {
    const account = await this.accounts.findByEmail(email);
    if (deed === 'sign-up') {
      const { id } = account ?? (await this.accounts.signUp(email));
      await this.requested(id, 0);
    } else if (account !== null) {
      await this.deal(account, deed);
      await this.requested(account.id, ONBOARDING_STEPS.indexOf(deed) + 1);
    }
  }

  private async deal(account: Account, deed: Exclude<DemoDeed, 'sign-up'>): Promise<void> {
    const { id, verificationCode, company, paymentMethod } = account;
    if (deed === VerifyEmail) await this.accounts.verifyEmail(id, verificationCode);
    else if (deed === NameCompany) await this.accounts.nameCompany(id, company ?? `The company of ${account.email}`);
    else if (deed === AddPaymentMethod) {
      if (paymentMethod === null) await this.accounts.addPaymentMethod(id, '4242');
    } else await this.accounts.inviteColleague(id, `colleague-of-${account.email}`);
  }

  /** Resolves when receivers have done what follows, so that it, too, has the time of the story. */
  private async requested(accountId: string, place: number): Promise<void> {
    const [before, next] = [ONBOARDING_STEPS[place - 1], ONBOARDING_STEPS[place]];
    const deadline = performance.now() + PATIENCE;
    const isPending = async (step: (typeof ONBOARDING_STEPS)[number] | undefined): Promise<boolean> =>
      step !== undefined && (await this.jobs.findPending(step, { target: accountId })).length > 0;
    while ((await isPending(before)) || (next !== undefined && !(await isPending(next)))) {
      if (performance.now() > deadline)
        throw new Error(`step ${place} of account ${accountId} was not requested in time`);
      await sleep(PAUSE);
    }
  }
}

import { randomInt } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';

import { ReliableEvents } from '../../lib/index.js';
import { Account } from './account.entity.js';
import { AccountNotFoundError } from './errors/account-not-found.error.js';
import { AccountError } from './errors/account.error.js';
import { EmailTakenError } from './errors/email-taken.error.js';
import { AccountSignedUp } from './events/signed-up.event.js';
import { ColleagueInvited } from './events/colleague-invited.event.js';
import { CompanyNamed } from './events/company-named.event.js';
import { EmailVerified } from './events/email-verified.event.js';
import { PaymentMethodAdded } from './events/payment-method-added.event.js';
import { Invitation } from './invitation.entity.js';

/** Accounts say what happened to them and know nobody who listens, least of all an onboarding. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: ReliableEvents,
  ) {}

  /** @throws EmailTakenError */
  async signUp(email: string): Promise<Account> {
    return this.dataSource.transaction(async (manager) => {
      const { raw } = await manager
        .createQueryBuilder()
        .insert()
        .into(Account)
        .values({ email: email.toLowerCase(), verificationCode: String(randomInt(1_000_000)).padStart(6, '0') })
        .orIgnore()
        .returning('id')
        .execute();
      const [inserted] = raw as readonly { id: string }[];
      if (inserted === undefined) throw new EmailTakenError();
      await this.events.emit(new AccountSignedUp(inserted.id), { manager });
      return manager.findOneByOrFail(Account, { id: inserted.id });
    });
  }

  /** @throws AccountNotFoundError */
  async get(id: string): Promise<Account> {
    const account = await this.dataSource.manager.findOneBy(Account, { id });
    if (account === null) throw new AccountNotFoundError();
    return account;
  }

  async findByEmail(email: string): Promise<Account | null> {
    return this.dataSource.manager.findOneBy(Account, { email: email.toLowerCase() });
  }

  /**
   * @throws AccountNotFoundError
   * @throws AccountError when it is not the code of the mail.
   */
  async verifyEmail(id: string, code: string): Promise<Account> {
    return this.change(id, async (account, manager) => {
      if (code !== account.verificationCode) throw new AccountError('this is not the code that was sent');
      if (account.emailVerified) return;
      account.emailVerified = true;
      await this.events.emit(new EmailVerified(id), { manager });
    });
  }

  /** @throws AccountNotFoundError */
  async nameCompany(id: string, name: string): Promise<Account> {
    return this.change(id, async (account, manager) => {
      const isFirst = account.company === null;
      account.company = name;
      if (isFirst) await this.events.emit(new CompanyNamed(id), { manager });
    });
  }

  /**
   * @param lastFour digits of the card.
   * @throws AccountNotFoundError
   */
  async addPaymentMethod(id: string, lastFour: string): Promise<Account> {
    return this.change(id, async (account, manager) => {
      account.paymentMethod = lastFour;
      await this.events.emit(new PaymentMethodAdded(id), { manager });
    });
  }

  /** @throws AccountNotFoundError */
  async inviteColleague(id: string, email: string): Promise<Account> {
    return this.change(id, async (_account, manager) => {
      const invitation = { accountId: id, email: email.toLowerCase() };
      if (await manager.existsBy(Invitation, invitation)) return;
      await manager.insert(Invitation, invitation);
      await this.events.emit(new ColleagueInvited(id), { manager });
    });
  }

  /** Changes an account and says so in one transaction; changes of one account take turns. */
  private async change(
    id: string,
    apply: (account: Account, manager: EntityManager) => Promise<void>,
  ): Promise<Account> {
    return this.dataSource.transaction(async (manager) => {
      const account = await manager.findOne(Account, { where: { id }, lock: { mode: 'for_no_key_update' } });
      if (account === null) throw new AccountNotFoundError();
      await apply(account, manager);
      return manager.save(account);
    });
  }
}

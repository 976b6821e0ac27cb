import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import {
  type DeliveryContext,
  type Job,
  JOB_POLICY,
  type JobPolicy,
  JobsModule,
  JobsService,
  JobType,
  OnJobExpired,
  OnJobRequested,
  ReliableEvent,
} from '../../lib/index.js';

@Entity()
export class Account {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  email!: string;
}

@ReliableEvent('payment-method.added')
export class PaymentMethodAdded {
  constructor(readonly accountId: string) {}
}

@Injectable()
export class Mailer {
  readonly sent: string[] = [];

  send(what: string, address: string): void {
    this.sent.push(`${what} to ${address}`);
  }
}

// #region type
@JobType('onboarding.add-payment-method', {
  target: Account,
  expiresIn: '30d',
  completeOn: [PaymentMethodAdded, (event) => event.accountId],
})
export class AddPaymentMethod {}
// #endregion

// #region request
@Injectable()
export class Accounts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: JobsService,
  ) {}

  async open(email: string): Promise<Account> {
    return this.dataSource.transaction(async (manager) => {
      const account = await manager.save(manager.create(Account, { email }));
      await this.jobs.request(AddPaymentMethod, { target: account, assignee: `user:${account.id}`, manager }); // twice is once
      return account;
    });
  }
}
// #endregion

// #region react
@Injectable()
export class Onboarding {
  constructor(
    private readonly jobs: JobsService,
    private readonly mailer: Mailer,
  ) {}

  @OnJobRequested(AddPaymentMethod, { id: 'onboarding.invite' })
  async invite(job: Job, _context: DeliveryContext): Promise<void> {
    const account = await this.jobs.resolveTarget(job);
    if (account instanceof Account && job.status === 'pending') this.mailer.send('an invitation', account.email);
  }

  @OnJobExpired(AddPaymentMethod, { id: 'onboarding.give-up' })
  async giveUp(job: Job, _context: DeliveryContext): Promise<void> {
    const account = await this.jobs.resolveTarget(job);
    if (account instanceof Account) this.mailer.send('a goodbye', account.email);
  }
}
// #endregion

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      autoLoadEntities: true,
      synchronize: true,
    }),
    TypeOrmModule.forFeature([Account]),
    JobsModule.forRoot(),
  ],
  providers: [
    AddPaymentMethod,
    Accounts,
    Onboarding,
    Mailer,
    // #region policy
    {
      provide: JOB_POLICY,
      useValue: {
        can: (actor, verb, job) => job.assignee === actor.id && ['view', 'complete'].includes(verb),
      } satisfies JobPolicy,
    },
    // #endregion
  ],
})
export class AppModule {}

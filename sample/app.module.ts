import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';

import { type Clock, JobsModule } from '../lib/index.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { AuthModule } from './auth/auth.module.js';
import { ChasingModule } from './chasing/chasing.module.js';
import { DemoDataModule } from './demo-data/demo-data.module.js';
import { HttpModule } from './http/http.module.js';
import { MyJobsModule } from './my-jobs/my-jobs.module.js';
import { OnboardingModule } from './onboarding/onboarding.module.js';
import { OperatingModule } from './operating/operating.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { PageModule } from './page/page.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { PolicyModule } from './policy/policy.module.js';
import type { SampleSettings } from './settings.js';
import { StaffModule } from './staff/staff.module.js';

/** What differs between the processes that run the application. */
export interface AppModuleSettings extends Pick<SampleSettings, 'databaseUrl' | 'worker' | 'ratesUrl' | 'tokenSecret'> {
  /** Whether the tables are made to fit the entities. One process does, before the others start. */
  readonly synchronize: boolean;
  /** Whether the receivers are recorded when it starts; a console does not. */
  readonly register?: boolean;
  /** Moves time, for tests and for what tells of the past; see `DemoData`. */
  readonly clock?: Clock;
}

@Module({})
export class AppModule {
  static forRoot(settings: AppModuleSettings): DynamicModule {
    const { databaseUrl, worker, ratesUrl, tokenSecret, synchronize, register = true, clock } = settings;
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, autoLoadEntities: true, synchronize }),
        // Only workers look for unpaid orders.
        ScheduleModule.forRoot({ cronJobs: worker }),
        JobsModule.forRoot({
          register,
          ...(worker ? {} : { worker: false }),
          ...(clock === undefined ? {} : { clock }),
        }),
        HttpModule,
        AuthModule.forRoot({ tokenSecret }),
        PolicyModule,
        PaymentsModule,
        OrdersModule,
        AnalyticsModule.forRoot({ ratesUrl }),
        ChasingModule,
        AccountsModule,
        OnboardingModule,
        StaffModule,
        MyJobsModule,
        DemoDataModule,
        OperatingModule,
        PageModule,
      ],
    };
  }
}

import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';

import { JobsModule } from '../lib/index.js';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { ChasingModule } from './chasing/chasing.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { PageModule } from './page/page.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import type { SampleSettings } from './settings.js';

/** What differs between the processes that run the application. */
export interface AppModuleSettings extends Pick<SampleSettings, 'databaseUrl' | 'worker' | 'ratesUrl'> {
  /** Whether the tables are made to fit the entities. One process does, before the others start. */
  readonly synchronize: boolean;
}

@Module({})
export class AppModule {
  static forRoot({ databaseUrl, worker, ratesUrl, synchronize }: AppModuleSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, autoLoadEntities: true, synchronize }),
        // Only workers look for unpaid orders.
        ScheduleModule.forRoot({ cronJobs: worker }),
        JobsModule.forRoot(worker ? {} : { worker: false }),
        PaymentsModule,
        OrdersModule,
        AnalyticsModule.forRoot({ ratesUrl }),
        ChasingModule,
        PageModule,
      ],
    };
  }
}

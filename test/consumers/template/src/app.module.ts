import { type DynamicModule, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { jobsMigrations, JobsModule } from 'nestjs-jobs';

import { CreateOrders1700000000000 } from './create-orders.migration.js';
import { Journal, Order, Orders, PackOrder, Parcel, RateOrder, Shipping } from './orders.js';

export interface AppOptions {
  /** Whether receivers run in this process. */
  readonly worker: boolean;
  readonly tables: 'synchronized' | 'migrated';
}

@Module({})
export class AppModule {
  static with({ worker, tables }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: process.env['DATABASE_URL'] ?? '',
          autoLoadEntities: true,
          retryAttempts: 0,
          ...(tables === 'synchronized'
            ? { synchronize: true }
            : { migrations: [...jobsMigrations(), CreateOrders1700000000000], migrationsRun: true }),
        }),
        TypeOrmModule.forFeature([Order, Parcel]),
        EventEmitterModule.forRoot(),
        JobsModule.forRoot(worker ? {} : { worker: false }),
      ],
      providers: [Orders, Shipping, Journal, PackOrder, RateOrder],
    };
  }
}

import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';

import type { Trouble } from './trouble.js';
import { TroubleSubscriber } from './trouble.subscriber.js';

/** Brings trouble to the data source of the application, before anything runs. */
@Module({})
export class TroubleModule {
  static forRoot(trouble: Trouble, die: () => Promise<never>): DynamicModule {
    const subscriber = {
      provide: TroubleSubscriber,
      inject: [DataSource],
      useFactory: (dataSource: DataSource): TroubleSubscriber => {
        const created = new TroubleSubscriber(trouble, die);
        dataSource.subscribers.push(created);
        return created;
      },
    };
    return { module: TroubleModule, providers: [subscriber] };
  }
}

import 'reflect-metadata';

import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type DeliveryContext, JobsModule, OnReliableEvent, ReliableEvent, RetryDelivery } from '../../lib/index.js';

/** The url is known when the process starts, not when this file is read. */
const dataSource = (name?: string): ReturnType<typeof TypeOrmModule.forRootAsync> =>
  TypeOrmModule.forRootAsync({
    ...(name === undefined ? {} : { name }),
    useFactory: () => ({
      type: 'postgres',
      url: process.env['COMMANDED_URL'] ?? '',
      autoLoadEntities: true,
      retryAttempts: 1,
    }),
  });

/** What its receivers are to do. */
@ReliableEvent('order.paid')
export class OrderPaid {
  constructor(readonly script: 'nothing' | 'fail' | 'hold' | 'later' = 'nothing') {}
}

@ReliableEvent('report.asked')
export class ReportAsked {
  constructor(readonly number = 0) {}
}

@Injectable()
class Shipping {
  @OnReliableEvent(OrderPaid, { id: 'order.ship', retry: { attempts: 1 } })
  async ship({ script }: OrderPaid, { signal }: DeliveryContext): Promise<void> {
    if (script === 'fail') throw new TypeError('no\nSUCCEEDED delivery=1.1 receiver=forged');
    if (script === 'later') throw new RetryDelivery('1h');
    if (script === 'hold') await toldToGoOn(signal);
  }

  @OnReliableEvent(OrderPaid, { id: 'order.bill' })
  bill(): void {
    // Done.
  }

  @OnReliableEvent(OrderPaid, { id: 'analytics.count' })
  count(): void {
    // Done.
  }
}

@Injectable()
class Reporting {
  @OnReliableEvent(ReportAsked, { id: 'report.make', dataSource: 'reports' })
  make(): void {
    // Done.
  }
}

/** Waits for the test, whatever the signal says: a receiver that does not look at it. */
function toldToGoOn(_signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => process.once('message', () => resolve()));
}

/** An application that only emits, unless a command has it work; on two data sources. */
@Module({
  imports: [
    dataSource(),
    dataSource('reports'),
    JobsModule.forRoot({ worker: false, migrate: true }),
    JobsModule.forRoot({ dataSource: 'reports', schema: 'reports', worker: false, migrate: true }),
  ],
  providers: [Shipping, Reporting],
})
export class AppModule {}

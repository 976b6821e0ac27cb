import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { PaymentsModule } from '../payments/payments.module.js';
import { AnalyticsController } from './analytics.controller.js';
import { FakeRatesController } from './fake-rates/fake-rates.controller.js';
import { Metric } from './metric.entity.js';
import { MetricsService } from './metrics.service.js';
import { PaymentAnalytics } from './payment-analytics.js';
import { RATES_URL } from './rates-url.token.js';
import { RatesClient } from './rates.client.js';

/** A second listener to payments, of which neither they nor orders know. */
@Module({
  imports: [TypeOrmModule.forFeature([Metric]), PaymentsModule],
  controllers: [AnalyticsController, FakeRatesController],
  providers: [PaymentAnalytics, MetricsService, RatesClient],
})
export class AnalyticsModule {
  static forRoot({ ratesUrl }: { readonly ratesUrl: string }): DynamicModule {
    return { module: AnalyticsModule, providers: [{ provide: RATES_URL, useValue: ratesUrl }] };
  }
}

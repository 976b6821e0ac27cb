import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { PaymentWebhookController } from './payment-webhook.controller.js';
import { Payment } from './payment.entity.js';
import { PaymentsService } from './payments.service.js';
import { FakePaymentProviderController } from './provider/fake-payment-provider.controller.js';
import { FakePaymentProvider } from './provider/fake-payment-provider.js';
import { ReconcilePayment } from './reconcile-payment.js';

/** The low level: it imports nothing of those who get paid, and so can be used by any of them. */
@Module({
  imports: [TypeOrmModule.forFeature([Payment])],
  controllers: [PaymentWebhookController, FakePaymentProviderController],
  providers: [PaymentsService, FakePaymentProvider, ReconcilePayment],
  exports: [PaymentsService],
})
export class PaymentsModule {}

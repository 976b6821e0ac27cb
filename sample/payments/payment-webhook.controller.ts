import { Body, Controller, HttpCode, ParseEnumPipe, Post, UseFilters } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiTags } from '@nestjs/swagger';

import { RaiseJobOnError } from '../../lib/index.js';
import { ParseIdPipe } from '../http/parse-id.pipe.js';
import { PaymentStateError } from './errors/payment-state.error.js';
import { PaymentErrorFilter } from './payment-error.filter.js';
import { PAYMENT_NOTICE } from './payment-notice.schema.js';
import { PAYMENT_OUTCOMES, type PaymentOutcome } from './payment-status.js';
import { PaymentsService } from './payments.service.js';
import { ReconcilePayment } from './reconcile-payment.js';

/** Where the payment provider tells how a payment ended. A real one signs its notices. */
@ApiTags('payments')
@Controller('payments/webhook')
@UseFilters(PaymentErrorFilter)
export class PaymentWebhookController {
  constructor(private readonly payments: PaymentsService) {}

  @Post()
  @HttpCode(200)
  @ApiBody({ schema: PAYMENT_NOTICE })
  @ApiConflictResponse({ description: 'the payment has ended otherwise; somebody looks into it' })
  @RaiseJobOnError(ReconcilePayment, {
    errors: [PaymentStateError],
    request: ({ paymentId, current, wanted }) => ({ target: paymentId, metadata: { ours: current, theirs: wanted } }),
  })
  async receive(
    @Body('paymentId', ParseIdPipe) paymentId: string,
    @Body('status', new ParseEnumPipe(PAYMENT_OUTCOMES)) status: PaymentOutcome,
  ): Promise<{ changed: boolean }> {
    try {
      await this.payments.setStatus(paymentId, status);
      return { changed: true };
    } catch (error) {
      // Providers repeat a notice until they see an answer, and now and then for no reason at all.
      if (error instanceof PaymentStateError && error.current === status) return { changed: false };
      throw error;
    }
  }
}

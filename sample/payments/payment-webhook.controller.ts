import { Body, Controller, HttpCode, ParseEnumPipe, Post, UseFilters } from '@nestjs/common';

import { ParseIdPipe } from '../http/parse-id.pipe.js';
import { PaymentStateError } from './errors/payment-state.error.js';
import { PaymentErrorFilter } from './payment-error.filter.js';
import { PAYMENT_OUTCOMES, type PaymentOutcome } from './payment-status.js';
import { PaymentsService } from './payments.service.js';

/** Where the payment provider tells how a payment ended. A real one signs its notices. */
@Controller('payments/webhook')
@UseFilters(PaymentErrorFilter)
export class PaymentWebhookController {
  constructor(private readonly payments: PaymentsService) {}

  @Post()
  @HttpCode(200)
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

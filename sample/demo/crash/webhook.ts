import type { INestApplicationContext } from '@nestjs/common';

import { PaymentStateError } from '../../payments/errors/payment-state.error.js';
import { PaymentsService } from '../../payments/payments.service.js';
import { NaivePayments } from '../naive/naive-payments.js';
import type { Way } from './way.js';

/** What the webhook does when the provider says that a payment succeeded, in each of the ways. A repeated call changes nothing. */
export async function callWebhook(app: INestApplicationContext, way: Way, paymentId: string): Promise<void> {
  try {
    await setStatus(app, way, paymentId);
  } catch (error) {
    if (!(error instanceof PaymentStateError)) throw error;
  }
}

async function setStatus(app: INestApplicationContext, way: Way, paymentId: string): Promise<void> {
  switch (way) {
    case 'send-inside':
      return app.get(NaivePayments).setStatusSendingInside(paymentId, 'succeeded');
    case 'send-after':
      return app.get(NaivePayments).setStatusSendingAfter(paymentId, 'succeeded');
    case 'reliable':
      await app.get(PaymentsService).setStatus(paymentId, 'succeeded');
  }
}

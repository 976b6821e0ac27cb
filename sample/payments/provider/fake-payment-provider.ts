import { Injectable } from '@nestjs/common';

import type { PaymentOutcome } from '../payment-status.js';

/** What the webhook answered to one notice. */
export interface WebhookAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Stands in for a company that takes the money: it only calls the webhook, as often as it is told. */
@Injectable()
export class FakePaymentProvider {
  /** Sends the same notice `times` times at once, as providers do. */
  async notify(
    webhookUrl: string,
    paymentId: string,
    status: PaymentOutcome,
    times: number,
  ): Promise<readonly WebhookAnswer[]> {
    return Promise.all(Array.from({ length: times }, () => this.notifyOnce(webhookUrl, { paymentId, status })));
  }

  private async notifyOnce(webhookUrl: string, notice: object): Promise<WebhookAnswer> {
    const response = await fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(notice),
    });
    return { status: response.status, body: await response.json() };
  }
}

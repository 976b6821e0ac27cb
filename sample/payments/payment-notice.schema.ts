import type { ApiBodyOptions } from '@nestjs/swagger';

import { PAYMENT_OUTCOMES } from './payment-status.js';

type Schema = Extract<ApiBodyOptions, { schema: unknown }>['schema'];

const status: Schema = { type: 'string', enum: [...PAYMENT_OUTCOMES] };

/** What a provider says; other fields of it are nobody's business here and do no harm. */
export const PAYMENT_NOTICE: Schema = {
  type: 'object',
  required: ['paymentId', 'status'],
  properties: { paymentId: { type: 'string', example: '1' }, status },
};

/** What the fake provider is told. */
export const FAKE_PAYMENT: Schema = {
  type: 'object',
  required: ['status'],
  properties: { status, times: { type: 'integer', minimum: 1, maximum: 10, default: 1 } },
};

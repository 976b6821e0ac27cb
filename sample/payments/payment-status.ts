/** How a payment can end. */
export const PAYMENT_OUTCOMES = ['succeeded', 'failed'] as const;

export type PaymentOutcome = (typeof PAYMENT_OUTCOMES)[number];

export type PaymentStatus = 'initiated' | PaymentOutcome;

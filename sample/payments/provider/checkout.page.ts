import type { Payment } from '../payment.entity.js';
import type { PaymentOutcome } from '../payment-status.js';

/** The page on which the customer pays, or does not. It shows nothing that needs escaping: numbers, and words of our own. */
export function checkoutPage({ id, amount, status }: Payment): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Fake payment provider</title>
  <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem }
    button { font: inherit; padding: .4rem .8rem; margin: .2rem 0 }
  </style>
  <h1>Fake payment provider</h1>
  <p>Payment ${id}: ${(amount / 100).toFixed(2)} EUR, ${status}</p>
  ${button('succeeded', 1, 'Pay')}
  ${button('succeeded', 2, 'Pay; the webhook is called twice')}
  ${button('failed', 1, 'Decline the card')}
</html>
`;
}

function button(status: PaymentOutcome, times: number, label: string): string {
  return `<form method="post">
    <input type="hidden" name="times" value="${times}">
    <button name="status" value="${status}">${label}</button>
  </form>`;
}

/** About 75 bytes of JSON, numbered so that every run can be counted job by job. */
export function payloadOf(n) {
  return { n, paymentId: 'pay_8c1f4e2b9a7d', amount: 1999, currency: 'EUR' };
}

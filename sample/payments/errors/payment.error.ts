/** Whatever payments refuse. */
export class PaymentError extends Error {
  override readonly name: string = 'PaymentError';
}

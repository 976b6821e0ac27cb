/**
 * Where a customer pays.
 *
 * @param returnTo path of the page the provider sends the customer back to.
 */
export function checkoutUrl(paymentId: string, returnTo: string): string {
  return `/provider/checkout/${paymentId}?${new URLSearchParams({ returnTo }).toString()}`;
}

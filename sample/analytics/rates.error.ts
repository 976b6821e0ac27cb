/** The exchange rate could not be had, this time. */
export class RatesError extends Error {
  override readonly name = 'RatesError';
}

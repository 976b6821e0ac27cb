/** The console was called in a way it does not know; the message says what it takes. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Whatever accounts refuse. */
export class AccountError extends Error {
  override readonly name: string = 'AccountError';
}

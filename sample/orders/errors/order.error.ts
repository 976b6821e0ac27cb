/** Whatever orders refuse. */
export class OrderError extends Error {
  override readonly name: string = 'OrderError';
}

/**
 * Base of every error this package throws on purpose.
 *
 * @publicApi
 */
export class JobsError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

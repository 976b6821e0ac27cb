/** An environment variable is missing or wrong; the message says which and what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

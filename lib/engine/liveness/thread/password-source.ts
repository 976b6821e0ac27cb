/** How long the main thread may take to name the password before the last one is tried, in milliseconds. */
const PATIENCE = 500;

/**
 * Asks the main thread for the password at each connect. When that is blocked, the last password is used: a living process must be
 * able to prove itself without its event loop.
 */
export function passwordSource(ask: () => Promise<string>): () => Promise<string> {
  let last: string | undefined;
  return async () => {
    const asked = ask().then((password) => (last = password));
    if (last === undefined) return asked;
    asked.catch(() => undefined);
    const known = last;
    return Promise.race([asked, new Promise<string>((resolve) => setTimeout(resolve, PATIENCE, known))]);
  };
}

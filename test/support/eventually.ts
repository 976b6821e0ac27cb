const EVERY = 20;

/** Looks again and again until `look` brings something other than `undefined` or `false`; fails after `limit` milliseconds. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  limit = 60_000,
): Promise<Value> {
  const end = Date.now() + limit;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`Waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

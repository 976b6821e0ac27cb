const EVERY = 5;

/** Repeats an assertion until it passes; fails as it does after `limit` milliseconds. */
export async function passesSoon(assertion: () => unknown, limit = 60_000): Promise<void> {
  const end = Date.now() + limit;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
  }
}

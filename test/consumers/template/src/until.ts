/** Resolves as soon as a condition holds; rejects when it does not within a minute. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`In vain waited for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const DEADLINE = 60_000;
const PAUSE = 10;

/** Resolves as soon as a condition holds; rejects when it does not within a minute. For what announces itself by no signal. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + DEADLINE;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come to hold within ${DEADLINE} ms.`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

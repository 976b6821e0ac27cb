/**
 * How properties are run. `FC_SEED` names the seed (`random` for another one each time), `FC_TIMES` how many times as many runs as in
 * `npm test`; both are printed when a property fails, and the same two repeat it.
 */
export const SEED = seedOf(process.env['FC_SEED']);

export const TIMES = timesOf(process.env['FC_TIMES']);

/** Parameters of a property that takes `short` runs in `npm test`. */
export function runs(short: number): { readonly seed: number; readonly numRuns: number } {
  return { seed: SEED, numRuns: Math.ceil(short * TIMES) };
}

/** Milliseconds that so many runs of a property may take, on a slow machine too. */
export function limit(short: number, each: number): number {
  return 300_000 + runs(short).numRuns * each;
}

function seedOf(given: string | undefined): number {
  if (given === 'random') return Date.now() % 2_147_483_647;
  const seed = Number(given ?? 20_260_101);
  if (!Number.isSafeInteger(seed)) throw new Error(`FC_SEED must be a whole number or "random", not "${given}".`);
  return seed;
}

function timesOf(given: string | undefined): number {
  const times = Number(given ?? 1);
  if (!(times > 0)) throw new Error(`FC_TIMES must be a number above 0, not "${given}".`);
  return times;
}

/**
 * One thing that every implementation must do, for whatever runs tests: `it(name, run)`.
 *
 * @publicApi
 */
export interface ContractCase {
  readonly name: string;
  /** Rejects, with an `AssertionError` where something came out differently. */
  run(): Promise<void>;
}

/**
 * What a contract asks of a fixture beside its parts.
 *
 * @publicApi
 */
export interface Disposable {
  /** Called after each case, be it fulfilled or not. */
  close(): Promise<void>;
}

/** Checks by their names. */
export type ContractChecks<Fixture> = Readonly<Record<string, (fixture: Fixture) => Promise<void>>>;

/** Turns named checks into cases, each on a fixture of its own. */
export function casesOf<Fixture extends Disposable>(
  create: () => Promise<Fixture>,
  checks: ContractChecks<Fixture>,
): readonly ContractCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      const fixture = await create();
      try {
        await check(fixture);
      } finally {
        await fixture.close();
      }
    },
  }));
}

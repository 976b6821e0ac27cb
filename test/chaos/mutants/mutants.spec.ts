import { type PostgresServer, startPostgres } from '../../../tools/embedded-postgres.mjs';
import { rules } from '../checker/rules.js';
import { workloads } from '../workload/workloads.js';
import { mutants } from './mutants.js';
import { runMutant, runScenario } from './mutants-trial.js';
import { patched } from './mutated-code.js';
import { scenarios } from './scenarios.js';

jest.setTimeout(300_000);

/** All of them take minutes; `npm run test:chaos:mutants` takes that time. */
const ALWAYS = new Set([
  'the fence begins anew when a delivery is taken from the dead',
  'what a receiver writes is not part of its transaction',
  'events are emitted on another connection than that of the transaction',
]);
const chosen = mutants.filter(({ name }) => ALWAYS.has(name));
const needed = new Set(chosen.map(({ scenario }) => scenario.name));

describe('the checker', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  describe.each(scenarios.filter(({ name }) => needed.has(name)))('when $name', (scenario) => {
    it('finds nothing wrong with the engine as it is', async () => {
      const { broken, history } = await runScenario(scenario, server);

      expect(broken).toEqual([]);
      expect(history.effects.length).toBeGreaterThan(0);
    });
  });

  it.each(chosen)('finds that $name', async (mutant) => {
    const { broken } = await runMutant(mutant, server);

    const found = broken.map(({ rule }) => rule);
    expect({ found, caught: mutant.caughtBy.some((rule) => found.includes(rule)) }).toMatchObject({ caught: true });
  });
});

describe('each mutant', () => {
  it.each(mutants)('can still be planted: $name', async ({ patches }) => {
    for (const file of new Set(patches.map((patch) => patch.file)))
      await expect(
        patched(
          file,
          patches.filter((patch) => patch.file === file),
        ),
      ).resolves.toBeDefined();
  });

  it('is caught by rules that there are', () => {
    const names = new Set([...rules, ...workloads.flatMap((workload) => workload.rules)].map(({ name }) => name));
    expect(mutants.flatMap(({ caughtBy }) => caughtBy.filter((rule) => !names.has(rule)))).toEqual([]);
  });

  it('has a scenario that the engine as it is passes, too', () => {
    const names = new Set(scenarios.map(({ name }) => name));
    expect(mutants.filter(({ scenario }) => !names.has(scenario.name))).toEqual([]);
  });
});

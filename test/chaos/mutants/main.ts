import { startPostgres } from '../../../tools/embedded-postgres.mjs';
import { mutants } from './mutants.js';
import { runMutant, runScenario } from './mutants-trial.js';
import { scenarios } from './scenarios.js';

// `npm run test:chaos:mutants [-- part of a name]`: each scenario with the engine as it is, then each planted bug.

async function main(): Promise<void> {
  const part = process.argv[2] ?? '';
  const chosen = mutants.filter(({ name }) => name.includes(part));
  const needed = new Set(chosen.map(({ scenario }) => scenario.name));
  const server = await startPostgres();
  try {
    for (const scenario of scenarios.filter(({ name }) => needed.has(name))) {
      const { broken } = await runScenario(scenario, server);
      const wrong = broken.map(({ rule, violations }) => `${rule}: ${violations[0] ?? ''}`).join('; ');
      say(broken.length === 0, `as it is, when ${scenario.name}`, wrong);
    }
    for (const mutant of chosen) {
      const { broken } = await runMutant(mutant, server);
      const found = broken.map(({ rule }) => rule);
      say(
        mutant.caughtBy.some((rule) => found.includes(rule)),
        `planted: ${mutant.name}`,
        found.join(', '),
      );
    }
  } finally {
    await server.stop();
  }
}

function say(well: boolean, what: string, details: string): void {
  if (!well) process.exitCode = 1;
  console.log(`${well ? 'ok    ' : 'NOT OK'}  ${what}${details === '' ? '' : ` [${details}]`}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

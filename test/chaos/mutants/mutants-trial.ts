import { resolve } from 'node:path';
import type { PostgresServer } from '../../../tools/embedded-postgres.mjs';
import { type ChaosResult, ChaosRun } from '../chaos-run.js';
import type { Mutant } from './mutant.js';
import { MutatedCode, root } from './mutated-code.js';
import type { Scenario } from './scenario.js';
import { scenarioSettings } from './scenario-settings.js';

/** Compiled code of the engine as it is. */
const code = resolve(root, '.build');

/** Runs a scenario on the engine as it is. */
export function runScenario({ settings, script }: Scenario, server: PostgresServer): Promise<ChaosResult> {
  return ChaosRun.run({ ...scenarioSettings, ...settings, code, server }, script);
}

/** Runs a mutant's scenario on the engine with its bug planted. */
export async function runMutant(
  { patches, scenario: { settings, script } }: Mutant,
  server: PostgresServer,
): Promise<ChaosResult> {
  const mutated = await MutatedCode.create(patches);
  try {
    const mutant = { ...scenarioSettings, ...settings, code: mutated.folder, server, keep: 'never' } as const;
    return await ChaosRun.run(mutant, script);
  } finally {
    await mutated.remove();
  }
}

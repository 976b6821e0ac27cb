import { type ContractCase, memoryFixture, MemoryStorage } from '../../../lib/testing/index.js';
import { CONTRACTS } from './contracts.js';
import { activityPlants } from './plants/activity.plants.js';
import { controlPlants } from './plants/control.plants.js';
import { deliveryPlants } from './plants/delivery.plants.js';
import { directoryPlants } from './plants/directory.plants.js';
import { eventPlants } from './plants/event.plants.js';
import { jobPlants } from './plants/job.plants.js';
import { livenessPlants } from './plants/liveness.plants.js';
import { maintenancePlants } from './plants/maintenance.plants.js';
import { pendingPlants } from './plants/pending.plants.js';
import type { Plant } from './plants/plant.js';
import { triggerPlants } from './plants/trigger.plants.js';
import { workerPlants } from './plants/worker.plants.js';

const PLANTS: readonly Plant[] = [
  ...deliveryPlants,
  ...eventPlants,
  ...jobPlants,
  ...workerPlants,
  ...controlPlants,
  ...maintenancePlants,
  ...activityPlants,
  ...directoryPlants,
  ...pendingPlants,
  ...triggerPlants,
  ...livenessPlants,
];

/** Contracts of which every case is shown to fail for some plant. */
const COVERED = [
  'activity store',
  'maintenance store',
  'pending store',
  'receiver control store',
  'trigger store',
  'worker directory',
  "worker's liveness",
];

/** The cases of the contract that a plant is to break, on a storage that has it. */
function casesWith({ contract, plant }: Plant): readonly ContractCase[] {
  const [, suite] = CONTRACTS.find(([name]) => name === contract) ?? [];
  if (suite === undefined) throw new Error(`There is no contract of the ${contract}.`);
  return suite(async () => {
    const storage = new MemoryStorage();
    const sound = { ...memoryFixture(storage), patience: 200 };
    return { ...sound, ...plant(storage, sound) };
  });
}

describe('A contract', () => {
  it.each(PLANTS)('of the $contract is not fulfilled by one that $what', async (plant) => {
    const cases = casesWith(plant);
    const failed: string[] = [];
    for (const { name, run } of cases) await run().catch(() => failed.push(name));
    expect(failed).toContainEqual(expect.stringMatching(plant.found));
    // A contract that fails at everything says nothing about what is wrong.
    expect(failed.length).toBeLessThan(cases.length);
  });

  it.each(COVERED)('of the %s has no case that nothing breaks', (contract) => {
    const plants = PLANTS.filter((plant) => plant.contract === contract);
    const [first] = plants;
    const names = first === undefined ? [] : casesWith(first).map(({ name }) => name);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !plants.some(({ found }) => found.test(name)))).toEqual([]);
  });
});

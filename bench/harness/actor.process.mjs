// What runs in the process of an actor: loads the adapter of its system and carries out what it is told.
import { Producer } from './producer.mjs';
import { WorkerActor } from './worker.mjs';

const { role, system } = JSON.parse(process.argv[2]);
const adapter = await import(new URL(`../systems/${system.module}.mjs`, import.meta.url));
const report = (event, value) => process.send?.({ event, value });
const roles = {
  producer: () => new Producer(adapter, system),
  worker: () => new WorkerActor(adapter, system, report),
  desk: () => new adapter.Desk(system),
};
const actor = roles[role]();

process.on('message', async ({ call, method, values }) => {
  try {
    process.send({ call, value: await actor[method](...values) });
  } catch (error) {
    process.send?.({ call, error: error.stack ?? String(error) });
  }
});
// The benchmark is gone: so is this process.
process.on('disconnect', () => process.exit());
report('ready');

import { MemoryWakeUp } from '../../../../lib/testing/memory/engine/memory-wake-up.js';
import { changed, type Plant } from './plant.js';

const contract = 'receiver control store';

export const controlPlants: readonly Plant[] = [
  {
    contract,
    what: 'resumes nothing',
    plant: (_, { controls }) => ({ controls: changed(controls, { resume: async () => true }) }),
    found: /pauses and resumes a receiver/,
  },
  {
    contract,
    what: 'remembers who paused last',
    plant: (_, { controls }) => ({
      controls: changed(controls, {
        pause: async (connection, name, actor) => {
          await controls.resume(connection, name);
          return controls.pause(connection, name, actor);
        },
      }),
    }),
    found: /remembers who paused a receiver first/,
  },
  {
    contract,
    what: 'takes no number back',
    plant: (_, { controls }) => ({
      controls: changed(controls, {
        setConcurrency: async (connection, name, count) =>
          count === null ? true : controls.setConcurrency(connection, name, count),
      }),
    }),
    found: /sets the number of runs/,
  },
  {
    contract,
    what: 'finds everybody',
    plant: (_, { controls }) => ({
      controls: changed(controls, {
        pause: async (connection, name, actor) => (await controls.pause(connection, name, actor)) || true,
      }),
    }),
    found: /no such receiver/,
  },
  {
    contract,
    what: 'forgets at each deploy',
    plant: (_, { controls, connection, registration }) => ({
      registration: changed(registration, {
        register: async (receivers) => {
          const numbers = await registration.register(receivers);
          for (const { id } of receivers) await controls.resume(connection, id);
          return numbers;
        },
      }),
    }),
    found: /when a receiver is registered again/,
  },
  {
    contract,
    what: 'decides past the transaction',
    plant: (_, { controls, connection: other }) => ({
      controls: changed(controls, { pause: (_connection, name, actor) => controls.pause(other, name, actor) }),
    }),
    found: /with the transaction it is part of/,
  },
  {
    contract,
    what: 'tells nobody',
    plant: ({ sessions }) => ({
      wakeUp: new MemoryWakeUp({ wake: () => sessions.wake(), controlsChanged: () => undefined }),
    }),
    found: /tells workers/,
  },
];

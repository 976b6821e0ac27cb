import { changed, type Plant } from './plant.js';

const contract = 'worker directory';

export const directoryPlants: readonly Plant[] = [
  {
    contract,
    what: 'keeps what a worker has no longer',
    plant: (_, { directory }) => {
      const all = new Map<number, number>();
      return {
        directory: changed(directory, {
          announce: (worker, receivers) => {
            for (const { number, version } of receivers) all.set(number, version);
            return directory.announce(
              worker,
              [...all].map(([number, version]) => ({ number, version })),
            );
          },
        }),
      };
    },
    found: /says which receivers a worker has/,
  },
  {
    contract,
    what: 'knows one worker',
    plant: ({ database: { workers } }, { directory }) => ({
      directory: changed(directory, {
        announce: async (worker, receivers) => {
          await directory.announce(worker, receivers);
          for (const [key, row] of workers.rows)
            if (row.id !== worker) workers.rows.set(key, { ...row, receivers: [] });
        },
      }),
    }),
    found: /knows what each of several workers has/,
  },
  {
    contract,
    what: 'keeps the dead',
    plant: ({ database: { workers } }, sound) => ({
      fragile: async () => {
        const broken = await sound.fragile();
        return {
          ...broken,
          takenForDead: async () => {
            await broken.takenForDead();
            for (const [key, row] of workers.rows) workers.rows.set(key, { ...row, live: true });
          },
        };
      },
    }),
    found: /forgets a worker that was taken for dead/,
  },
  {
    contract,
    what: 'makes workers up',
    plant: ({ database: { workers } }, { directory }) => ({
      directory: changed(directory, {
        announce: async (id, receivers) => {
          workers.rows.set(String(id), { id, live: true, receivers: receivers.map(({ number }) => number) });
        },
      }),
    }),
    found: /a worker there never was/,
  },
];

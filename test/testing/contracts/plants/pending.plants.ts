import { FIRST, type PendingRow } from '../../../../lib/jobs/store/pending-store.port.js';
import { changed, type Plant } from './plant.js';

const contract = 'pending store';

export const pendingPlants: readonly Plant[] = [
  {
    contract,
    what: 'begins with the youngest',
    plant: (_, { pending }) => ({
      pending: changed(pending, {
        page: async (connection, type, after, limit, age) =>
          [...(await pending.page(connection, type, after, 100, age))].reverse().slice(0, limit),
      }),
    }),
    found: /oldest first, page by page/,
  },
  {
    contract,
    what: 'finds what was closed',
    plant: ({ database }, { pending }) => ({
      pending: changed(pending, {
        page: async (_connection, type, after) =>
          [...database.jobs.rows.values()]
            .filter(({ job }) => job.type === type && BigInt(job.id) > BigInt(after.id))
            .map(({ job }) => ({ id: job.id, at: job.createdAt.toISOString() })),
      }),
    }),
    found: /finds none that was closed/,
  },
  {
    contract,
    what: 'counts how far it was',
    plant: (_, { pending }) => {
      const places = new Map<string, number>();
      return {
        pending: changed(pending, {
          page: async (connection, type, after, limit, age) => {
            const all: readonly PendingRow[] = await pending.page(connection, type, FIRST, 100, age);
            const from = places.get(after.id) ?? 0;
            const page = all.slice(from, from + limit);
            page.forEach(({ id }, index) => places.set(id, from + index + 1));
            return page;
          },
        }),
      };
    },
    found: /goes on where it was/,
  },
  {
    contract,
    what: 'does not look at the age',
    plant: (_, { pending }) => ({
      pending: changed(pending, {
        page: (connection, type, after, limit) => pending.page(connection, type, after, limit, 0),
      }),
    }),
    found: /younger than asked for/,
  },
  {
    contract,
    what: 'knows one tenant',
    plant: ({ database }, { pending }) => ({
      pending: changed(pending, {
        ofTarget: async (connection, target) =>
          (await pending.ofTarget(connection, target)).filter((id) => database.jobs.rows.get(id)?.job.tenant === ''),
      }),
    }),
    found: /of whatever type and tenant/,
  },
  {
    contract,
    what: 'reads past the transaction',
    plant: (_, { pending, connection: other }) => ({
      pending: changed(pending, {
        page: (_connection, type, after, limit, age) => pending.page(other, type, after, limit, age),
      }),
    }),
    found: /what its own transaction requested/,
  },
];

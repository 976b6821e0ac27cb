import type { MemoryJob } from '../../../../lib/testing/memory/database/memory-rows.js';
import type { MemoryStorage } from '../../../../lib/testing/index.js';
import type { EventStanding, TriggerStore } from '../../../../lib/jobs/store/trigger-store.port.js';
import { changed, type Plant } from './plant.js';

const contract = 'trigger store';

type Asked = Parameters<TriggerStore['standing']>;

/** A store that answers something else. */
function answering(
  answer: (sound: EventStanding, storage: MemoryStorage, ...asked: Asked) => Partial<EventStanding>,
): Plant['plant'] {
  return (storage, { triggers }) => ({
    triggers: changed(triggers, {
      standing: async (...asked) => {
        const sound = await triggers.standing(...asked);
        return { ...sound, ...answer(sound, storage, ...asked) };
      },
    }),
  });
}

const closedJobs = ({ database }: MemoryStorage, [, { targetId }]: Asked): MemoryJob[] =>
  [...database.jobs.rows.values()].filter(({ job }) => job.targetId === targetId && job.closedAt !== null);

const actors = ({ database }: MemoryStorage, [, { targetId }, , action]: Asked): string[] =>
  [...database.history.rows.values()]
    .filter((entry) => entry.action === action && database.jobs.rows.get(entry.jobId)?.job.targetId === targetId)
    .map(({ actor }) => actor);

export const triggerPlants: readonly Plant[] = [
  {
    contract,
    what: 'takes an event there never was for stale',
    plant: answering((sound, { database }, _connection, _subject, id) => ({
      stale: sound.stale || !database.events.rows.has(id),
    })),
    found: /an event there never was/,
  },
  {
    contract,
    what: 'knows the very event alone',
    plant: answering((_, storage, ...asked) => ({ applied: actors(storage, asked).includes(`event:${asked[2]}`) })),
    found: /and every one before it/,
  },
  {
    contract,
    what: 'takes a user for an event',
    plant: answering((sound, storage, ...asked) => ({
      applied: sound.applied || actors(storage, asked).some((actor) => actor.endsWith(`:${asked[2]}`)),
    })),
    found: /takes nobody else for an event/,
  },
  {
    contract,
    what: 'does not ask when a job was closed',
    plant: answering((_, storage, ...asked) => ({
      met: closedJobs(storage, asked).some(({ position }) => position < BigInt(asked[2])),
    })),
    found: /was closed since the event/,
  },
  {
    contract,
    what: 'does not ask when a job was requested',
    plant: answering((sound, storage, ...asked) => ({
      met:
        sound.met ||
        closedJobs(storage, asked).some(({ job }) => {
          const event = storage.database.events.rows.get(asked[2]);
          return event !== undefined && job.closedAt !== null && job.closedAt >= event.createdAt;
        }),
    })),
    found: /takes no job that was requested after/,
  },
  {
    contract,
    what: 'finds the last',
    plant: answering((_, { database }, _connection, { targetId }, id) => ({
      next:
        [...database.jobs.rows.values()]
          .filter(({ job, position }) => job.targetId === targetId && position > BigInt(id))
          .at(-1)?.job.id ?? null,
    })),
    found: /finds the first job/,
  },
  {
    contract,
    what: 'knows no limit',
    plant: (_, { triggers }) => ({
      triggers: changed(triggers, {
        standing: (connection, subject, id, action) =>
          triggers.standing(connection, subject, id, action, Number.MAX_SAFE_INTEGER / 1_000),
      }),
    }),
    found: /stale beyond the limit/,
  },
  {
    contract,
    what: 'looks at nothing that is remembered',
    plant: answering((_, { database: { events, clock } }, _connection, _subject, id, _action, limit) => {
      const age = clock.now().getTime() - (events.rows.get(id)?.createdAt.getTime() ?? Infinity);
      return { stale: age >= limit };
    }),
    found: /when a later one is remembered/,
  },
  {
    contract,
    what: 'knows what was requested while it is open alone',
    plant: ({ database }, { triggers }) => ({
      triggers: changed(triggers, {
        hasRequested: async (connection, subject, id) => {
          const isOpen = [...database.jobs.rows.values()].some(({ job }) => job.status === 'pending');
          return isOpen && triggers.hasRequested(connection, subject, id);
        },
      }),
    }),
    found: /has requested a job/,
  },
];

import type { FragileSession, StorageFixture } from '../../../../lib/testing/index.js';
import { Unfenced } from './delivery.plants.js';
import { changed, type Plant } from './plant.js';

const contract = "worker's liveness";

/** Sessions that are not as they should be when their connection is cut. */
function fragile(
  broken: (sound: FragileSession) => Partial<FragileSession>,
): (_: unknown, fixture: StorageFixture) => Partial<StorageFixture> {
  return (_, fixture) => ({
    fragile: async () => {
      const sound = await fixture.fragile();
      return { ...sound, ...broken(sound) };
    },
  });
}

export const livenessPlants: readonly Plant[] = [
  {
    contract,
    what: 'takes itself for proven',
    plant: fragile(({ session }) => ({ session: changed(session, { isProven: () => true }) })),
    found: /unproven while its connection is lost/,
  },
  {
    contract,
    what: 'is taken for dead at once',
    plant: fragile(({ mend, takenForDead }) => ({ mend: () => void takenForDead().then(mend) })),
    found: /keeps its identity/,
  },
  {
    contract,
    what: 'takes a crash for a leave',
    plant: fragile(({ session }) => ({ takenForDead: () => session.stop() })),
    found: /in its place and as interrupted/,
  },
  {
    contract,
    what: 'has no fence',
    plant: (storage) => ({ deliveries: new Unfenced(storage) }),
    found: /settles nothing of what it held/,
  },
  {
    contract,
    what: 'does not learn that it was taken for dead',
    plant: fragile(({ session }) => ({
      session: changed(session, {
        start: (listener) => session.start({ ...listener, onFenced: () => undefined }),
      }),
    })),
    found: /is fenced when it was taken for dead/,
  },
  {
    contract,
    what: 'is interrupted for ever',
    plant: ({ sessions }) => ({
      fragile: async () => {
        const session = sessions.create({ maxInterruptions: Infinity });
        return {
          session,
          cut: () => session.interrupt(),
          mend: () => session.resume(),
          takenForDead: () => session.overtake(),
        };
      },
    }),
    found: /interrupted too often/,
  },
];

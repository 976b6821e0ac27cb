import { PeerObserver } from '../../../lib/engine/liveness/protocol/peer-observer.js';
import type { PeerSighting } from '../../../lib/engine/liveness/protocol/peer-sighting.js';
import { defaultSessionSettings } from '../../../lib/engine/liveness/session-settings.js';

const held: PeerSighting = {
  id: 7,
  boot: 'b',
  state: 'live',
  mode: 'lock',
  proof: 1,
  host: 'there',
  heldBy: 4711,
  silentFor: 300,
  unseenFor: 300,
  leaseOver: false,
  backend: 1,
};
const free: PeerSighting = { ...held, heldBy: null, silentFor: null };

describe('PeerObserver', () => {
  /** On a connection that has stood for a minute, at 60_000. */
  function observer(connectedAt = 0): PeerObserver {
    const made = new PeerObserver(defaultSessionSettings, 'here');
    made.restart(connectedAt, 1000);
    return made;
  }

  /** Looks at one peer after the other, a second apart, the last one at 60_000. */
  function watching(...peers: readonly PeerSighting[]): PeerObserver {
    const made = observer();
    // The time in between, in which there was nobody to see.
    for (let at = 5000; at < 60_000 - peers.length * 1000; at += 1000) made.look([], at);
    peers.forEach((peer, index) => made.look([peer], 60_000 - (peers.length - 1 - index) * 1000));
    return made;
  }

  it('leaves alone who holds its lock', () => {
    expect(watching(held).due(60_000)).toEqual([]);
  });

  it('declares dead who has not taken its lock again within the grace time', () => {
    const watch = watching(held, free);

    expect(watch.nextDue()).toBe(61_200);
    expect(watch.due(61_199)).toEqual([]);
    expect(watch.due(61_200)).toEqual([{ kind: 'declare', peer: free }]);
  });

  it('counts the grace time anew when the lock was held in between, or taken and lost again unseen', () => {
    expect(watching(held, free, held, free).nextDue()).toBe(61_200);
    expect(watching(held, free, { ...free, proof: 2, unseenFor: 200 }).nextDue()).toBe(61_200);
    expect(watching(held, free, free).nextDue()).toBe(60_200);
  });

  it('declares nobody dead soon after its own connection was established', () => {
    const watch = observer(55_000);
    watch.look([{ ...free, host: 'here' }], 55_100);

    expect(watch.nextDue()).toBe(65_000);
  });

  it('forgets what it saw before its own connection was lost', () => {
    const watch = watching(held, free);
    watch.restart(60_500, 1000);

    expect(watch.due(200_000)).toEqual([]);
    watch.look([{ ...free, host: 'here' }], 60_600);
    expect(watch.nextDue()).toBe(70_500);
  });

  it('gives who was silent before its lock came free a lease, since it may be frozen', () => {
    const watch = watching({ ...held, silentFor: 6000 }, free);

    expect(watch.nextDue()).toBe(59_000 - 6000 + 60_000);
  });

  it('gives a stranger of another host a lease, and one of its own host none', () => {
    expect(watching({ ...free, unseenFor: 4000 }).nextDue()).toBe(56_000 + 60_000);
    expect(watching({ ...free, unseenFor: 4000, host: 'here' }).nextDue()).toBe(61_200);
  });

  it('trusts its history no longer after it was frozen itself', () => {
    const watch = watching(held);
    watch.look([free], 80_000);

    expect(watch.nextDue()).toBe(80_000 - 300 + 60_000);
  });

  it('goes by the row where it may not see the session of another role', () => {
    expect(watching({ ...held, silentFor: null, unseenFor: 9000 }, free).nextDue()).toBe(61_200);
    expect(watching({ ...held, silentFor: null, unseenFor: 16_000 }, free).nextDue()).toBe(59_000 - 16_000 + 60_000);
  });

  it('is more patient with a worker whose event loop may be blocked', () => {
    const main = { mode: 'main' } as const;

    expect(watching({ ...held, ...main }, { ...free, ...main }).nextDue()).toBe(60_000 + 75_000);
    const fresh = observer(55_000);
    fresh.look([{ ...free, ...main, host: 'here' }], 55_100);
    expect(fresh.nextDue()).toBe(55_100 + 75_000);
  });

  it('ends a connection that is held open without a word for a lease', () => {
    const watch = watching({ ...held, silentFor: 59_000 });

    expect(watch.due(60_999)).toEqual([]);
    expect(watch.due(61_000)).toMatchObject([{ kind: 'terminate', peer: { heldBy: 4711 } }]);
  });

  it('goes by the server for leases', () => {
    const leased = { ...free, mode: 'lease' } as const;

    expect(watching(leased).due(1e9)).toEqual([]);
    expect(watching({ ...leased, leaseOver: true }).due(60_000)).toMatchObject([{ kind: 'declare' }]);
    const fresh = observer(55_000);
    fresh.look([{ ...leased, leaseOver: true }], 55_100);
    expect(fresh.nextDue()).toBe(65_000);
  });

  it('looks after what a dead worker left behind, at growing intervals', () => {
    const dead: PeerSighting = { ...free, state: 'dead' };
    const watch = watching(dead);
    const [verdict] = watch.due(60_000);
    expect(verdict).toEqual({ kind: 'sweep', peer: dead });

    watch.done(verdict!, 60_000);
    watch.look([dead], 61_000);
    expect(watch.nextDue()).toBe(62_000);
    watch.done(verdict!, 62_000);
    expect(watch.nextDue()).toBe(66_000);
  });

  it('says when somebody is gone, once', () => {
    const watch = watching(held);

    expect(watch.look([{ ...held, state: 'dead' }], 61_000)).toBe(true);
    expect(watch.look([{ ...held, state: 'dead' }], 62_000)).toBe(false);
    expect(watch.look([], 63_000)).toBe(true);
    expect(watch.look([], 64_000)).toBe(false);
    expect(watch.nextDue()).toBe(Infinity);
  });
});

import type { SessionSettings } from '../session-settings.js';
import type { PeerSighting } from './peer-sighting.js';

/** What is to be done about another worker. */
export type Verdict =
  /** It is dead: say so, and free what it held. */
  | { readonly kind: 'declare'; readonly peer: PeerSighting }
  /** It was ended, but deliveries of it may be left. */
  | { readonly kind: 'sweep'; readonly peer: PeerSighting }
  /** Its connection is held open by something that is silent for longer than a lease. */
  | { readonly kind: 'terminate'; readonly peer: PeerSighting };

interface Observation {
  peer: PeerSighting;
  /** Since when its lock is free; `undefined` while it is held. */
  freeSince: number | undefined;
  /** When it was last known to be active. */
  activeAt: number;
  /** Whether it was silent for so long, when last seen, that it may be frozen. */
  stale: boolean;
  notBefore: number;
  sweeps: number;
}

const LONGEST_PAUSE_BETWEEN_SWEEPS = 30_000;

/**
 * Decides, from repeated looks, when another worker may be ended.
 *
 * A free lock proves that a connection is gone, not that a process is. So a worker is given time to take its lock again, all the more
 * when it was frozen, and after this process's own connection came back, since then all locks may be free for the same reason.
 */
export class PeerObserver {
  private readonly observations = new Map<number, Observation>();
  private seen = new Set<string>();
  private connectedSince = 0;
  private lookedAt = 0;
  private interval = 0;

  constructor(
    private readonly settings: SessionSettings,
    private readonly host: string,
  ) {}

  /**
   * Forgets everything: what was seen before the own connection was lost says nothing about who lives.
   *
   * @param interval milliseconds between two looks from now on.
   */
  restart(now: number, interval: number): void {
    this.observations.clear();
    this.seen.clear();
    this.connectedSince = this.lookedAt = now;
    this.interval = interval;
  }

  /**
   * Takes in one look at all others.
   *
   * @returns whether a worker is gone since the look before, so that deliveries may have been released in place.
   */
  look(peers: readonly PeerSighting[], now: number): boolean {
    // This process was frozen itself, and does not know how others fared meanwhile.
    if (now - this.lookedAt > Math.max(this.settings.stale, 2 * this.interval)) this.observations.clear();
    this.lookedAt = now;
    const keys = new Set(peers.map((peer) => `${peer.id} ${peer.state}`));
    const gone = [...this.seen].some((key) => !keys.has(key));
    this.seen = keys;
    const ids = new Set(peers.map((peer) => peer.id));
    for (const id of this.observations.keys()) if (!ids.has(id)) this.observations.delete(id);
    for (const peer of peers) this.observe(peer, now);
    return gone;
  }

  /** What may be done now. */
  due(now: number): readonly Verdict[] {
    return [...this.observations.values()].flatMap((observation) => {
      const verdict = this.verdictOn(observation);
      return verdict !== undefined && verdict.at <= now ? [{ kind: verdict.kind, peer: observation.peer }] : [];
    });
  }

  /** When something may be done next. */
  nextDue(): number {
    return Math.min(
      ...[...this.observations.values()].map((observation) => this.verdictOn(observation)?.at ?? Infinity),
    );
  }

  /** A verdict was carried out, in vain or not: the next looks decide anew. */
  done({ kind, peer }: Verdict, now: number): void {
    const observation = this.observations.get(peer.id);
    if (observation === undefined) return;
    observation.freeSince = undefined;
    observation.sweeps += 1;
    const pause = kind === 'sweep' ? this.settings.beat * 2 ** Math.min(observation.sweeps, 16) : this.settings.beat;
    observation.notBefore = now + Math.min(pause, LONGEST_PAUSE_BETWEEN_SWEEPS);
  }

  private observe(peer: PeerSighting, now: number): void {
    const known = this.observations.get(peer.id);
    const observation = known ?? {
      peer,
      freeSince: undefined,
      activeAt: now - peer.unseenFor,
      stale: peer.host !== this.host,
      notBefore: 0,
      sweeps: 0,
    };
    this.observations.set(peer.id, observation);
    const reproved = known !== undefined && known.peer.proof !== peer.proof;
    if (peer.heldBy !== null) {
      observation.activeAt = now - (peer.silentFor ?? peer.unseenFor);
      observation.stale = peer.silentFor === null ? this.isUnseenTooLong(peer) : peer.silentFor > this.settings.stale;
    } else if (reproved) {
      observation.activeAt = now - peer.unseenFor;
      observation.stale = this.isUnseenTooLong(peer);
    }
    if (peer.heldBy !== null || reproved) observation.freeSince = undefined;
    if (peer.heldBy === null) observation.freeSince ??= now;
    observation.peer = peer;
  }

  private verdictOn(observation: Observation): { readonly kind: Verdict['kind']; readonly at: number } | undefined {
    const { peer, notBefore } = observation;
    if (peer.state !== 'live') return { kind: 'sweep', at: notBefore };
    if (peer.mode === 'lease') {
      return peer.leaseOver ? { kind: 'declare', at: Math.max(notBefore, this.trustedFrom(peer)) } : undefined;
    }
    if (observation.freeSince !== undefined) {
      const grace = observation.freeSince + this.graceOf(peer);
      const lease = observation.stale ? observation.activeAt + this.settings.lease : 0;
      return { kind: 'declare', at: Math.max(notBefore, grace, lease, this.trustedFrom(peer)) };
    }
    return { kind: 'terminate', at: Math.max(notBefore, observation.activeAt + this.settings.lease) };
  }

  /** Without the right to see another role's sessions there is only the row, which is written every tenth beat. */
  private isUnseenTooLong(peer: PeerSighting): boolean {
    return peer.unseenFor > this.settings.stale + 10 * this.settings.beat;
  }

  private graceOf(peer: PeerSighting): number {
    return peer.mode === 'main' ? this.settings.mainThreadGrace : this.settings.grace;
  }

  private trustedFrom(peer: PeerSighting): number {
    const grace = peer.mode === 'main' ? this.settings.mainThreadGrace : 0;
    return this.connectedSince + Math.max(this.settings.restartGrace, grace);
  }
}

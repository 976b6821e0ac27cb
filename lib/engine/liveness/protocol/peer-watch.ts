import type { Claimer } from '../../claiming/claimer.js';
import { monotonicNow } from '../monotonic.js';
import type { PeerObserver, Verdict } from './peer-observer.js';
import type { PeerSighting } from './peer-sighting.js';
import type { Rescue, Rescuer } from './rescuer.js';
import type { SessionEvents } from './session-events.js';
import type { Standing } from './standing.js';

/** Watches over the other workers, and does what is due about them. */
export class PeerWatch {
  constructor(
    private readonly observer: PeerObserver,
    private readonly rescuer: Rescuer,
    private readonly claimer: Claimer,
    private readonly events: SessionEvents,
  ) {}

  /** Begins anew on a new connection. */
  restart(interval: number): void {
    this.observer.restart(monotonicNow(), interval);
    // What was released in place meanwhile lies to the left of the bounds.
    this.claimer.reset();
  }

  look(peers: readonly PeerSighting[]): void {
    if (this.observer.look(peers, monotonicNow())) this.lookFromTheLeft();
  }

  /** Others released deliveries in place: claims begin at the left end again. */
  lookFromTheLeft(): void {
    this.claimer.reset();
    this.events.wake();
  }

  nextDue(): number {
    return this.observer.nextDue();
  }

  /** Carries out what is due; a server error with one worker does not keep it from the others. */
  async act({ connection }: Standing): Promise<void> {
    for (const verdict of this.observer.due(monotonicNow())) {
      try {
        const rescue = await connection.exclusively(() => this.rescuer.act(connection, verdict));
        if (rescue !== undefined) this.report(verdict, rescue);
      } catch (error) {
        if (!connection.isOpen) throw error;
        this.events.notice(
          'error',
          `${describe(verdict)} failed: ${error instanceof Error ? error.message : String(error)}`,
        );
      } finally {
        this.observer.done(verdict, monotonicNow());
      }
    }
  }

  private report(verdict: Verdict, { released, buried, left }: Rescue): void {
    if (verdict.kind === 'declare' || released + buried > 0) {
      const counts = [
        `${released} of its deliveries released`,
        `${buried} ended as dead letters`,
        `${left} locked for now`,
      ];
      this.events.notice('warn', `${describe(verdict)}: ${counts.join(', ')}.`);
    }
    this.lookFromTheLeft();
  }
}

function describe({ kind, peer }: Verdict): string {
  const worker = `worker ${peer.id} on ${peer.host}`;
  if (kind === 'declare') return `Declaring dead ${worker}, which is gone`;
  return kind === 'sweep' ? `Releasing what ${worker} left behind` : `Ending the silent connection of ${worker}`;
}

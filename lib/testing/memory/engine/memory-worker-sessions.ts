import { WorkerSessions } from '../../../engine/liveness/worker-sessions.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import { MemoryWorkerSession } from './memory-worker-session.js';

/** Makes sessions in memory, and tells all of them what notifications tell those on a database. */
export class MemoryWorkerSessions extends WorkerSessions {
  private readonly sessions = new Set<MemoryWorkerSession>();

  constructor(private readonly database: MemoryDatabase) {
    super();
    database.clock.onAdvance(() => this.wake());
  }

  /** Every session that was made. */
  all(): readonly MemoryWorkerSession[] {
    return [...this.sessions];
  }

  create({ maxInterruptions }: { readonly maxInterruptions: number }): MemoryWorkerSession {
    const session = new MemoryWorkerSession(this.database, maxInterruptions, () => this.wake());
    this.sessions.add(session);
    return session;
  }

  wake(): void {
    for (const session of this.sessions) session.wake();
  }

  controlsChanged(): void {
    for (const session of this.sessions) session.tellControls();
  }
}

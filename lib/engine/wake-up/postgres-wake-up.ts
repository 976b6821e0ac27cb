import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';

import type { EngineDatabase } from '../database/engine-database.js';
import { statement } from '../database/statement.js';
import { WakeUp } from './wake-up.port.js';
import { CONTROLS_PAYLOAD, RESET_PAYLOAD } from '../liveness/connection/notifications.js';

/** Shortest time between two notifications of one process, in milliseconds; what happens in between shares the next. */
const COALESCED_WITHIN = 10;

const NOTIFY = statement('notify', 'select pg_notify($1, $2)');

/**
 * Tells workers that there is work: those of this process at once, those of others by a notification.
 *
 * The notification is sent after the commit and on another connection: within the transaction it would make all commits of the
 * database queue behind one lock. If it is lost, polling finds the work.
 */
export class PostgresWakeUp extends WakeUp {
  /** What this process sends when there is work, told from what others send. */
  readonly call = `ready:${randomUUID()}`;
  private readonly logger = new Logger('JobsModule');
  private readonly listeners = new Set<() => void>();
  private lastSent = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: EngineDatabase,
    readonly channel: string,
  ) {
    super();
  }

  /** Calls back at each wake-up of this process. */
  listen(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Wakes workers; returns at once and never throws, as it is called where a transaction's connection is still held. */
  wake(): void {
    for (const listener of this.listeners) listener();
    if (this.stopped || this.timer !== undefined) return;
    const elapsed = performance.now() - this.lastSent;
    if (elapsed >= COALESCED_WITHIN) this.send();
    else this.timer = setTimeout(() => this.send(), COALESCED_WITHIN - elapsed).unref();
  }

  /** Tells the workers of other processes that deliveries were handed back, which lie to the left of where they look. */
  handedBack(): void {
    this.notify(RESET_PAYLOAD);
  }

  /** Tells every worker, that of this process too, that an operator decided something about a receiver. */
  controlsChanged(): void {
    this.notify(CONTROLS_PAYLOAD);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private send(): void {
    this.timer = undefined;
    this.lastSent = performance.now();
    this.notify(this.call);
  }

  private notify(payload: string): void {
    this.database.connection.run(NOTIFY, [this.channel, payload]).catch((error: unknown) => {
      this.logger.debug(`A notification could not be sent; polling will find the work: ${String(error)}`);
    });
  }
}

import type { ClientConfig } from '../../database/client-config.js';

import { DirectConnection, type ConnectionDeadlines } from './direct-connection.js';
import { listen, RESET_PAYLOAD } from './notifications.js';

/** Where a session hears the notifications of others. */
export interface Ear {
  /**
   * Begins, or goes on, to listen.
   *
   * @returns whether notifications arrive.
   */
  hear(boot: string, notified: (payload: string) => void, session: DirectConnection): Promise<boolean>;
  close(): void;
}

/** Listens on the session's connection itself; for a thread, which always reads it. */
export class SessionEar implements Ear {
  constructor(private readonly channel: string) {}

  async hear(boot: string, notified: (payload: string) => void, session: DirectConnection): Promise<boolean> {
    session.observer = { ...session.observer, notified };
    return listen(session, this.channel, boot);
  }

  close(): void {
    // Ends with the session's connection.
  }
}

/**
 * Listens on a connection of its own; for the main thread. While its loop is blocked nothing reads the connection, and the server ends
 * one that takes no more notifications: that must not be the one that holds the worker's lock.
 */
export class SeparateEar implements Ear {
  private connection: DirectConnection | undefined;
  private closed = false;

  constructor(
    private readonly config: ClientConfig,
    private readonly deadlines: ConnectionDeadlines,
    private readonly channel: string,
    /** Milliseconds between two attempts to listen again. */
    private readonly retry: number,
  ) {}

  async hear(boot: string, notified: (payload: string) => void): Promise<boolean> {
    if (this.connection?.isOpen === true) return true;
    const connection = await DirectConnection.open(this.config, this.deadlines);
    connection.observer = { notified };
    const heard = await listen(connection, this.channel, boot).catch(() => false);
    if (!heard || this.closed || !connection.isOpen) {
      connection.close();
      return false;
    }
    this.connection = connection;
    connection.observer = { notified, ended: () => this.hearAgain(boot, notified) };
    return true;
  }

  close(): void {
    this.closed = true;
    this.connection?.close();
  }

  private hearAgain(boot: string, notified: (payload: string) => void): void {
    const attempt = async (): Promise<void> => {
      if (this.closed) return;
      const heard = await this.hear(boot, notified).catch(() => false);
      // Whatever was missed meanwhile.
      if (heard) notified(RESET_PAYLOAD);
      else this.hearAgain(boot, notified);
    };
    setTimeout(() => void attempt(), this.retry).unref();
  }
}

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import pg from 'pg';

import type { ClientConfig } from '../../database/client-config.js';
import type { SqlClient, SqlQuery, SqlResult } from '../../database/sql-client.js';
import { monotonicNow } from '../monotonic.js';
import { ConnectionLostError } from './connection-lost.error.js';
import { isServerError } from './server-error.js';
import { Turns } from './turns.js';

/** Limits of one connection in milliseconds. */
export interface ConnectionDeadlines {
  readonly connect: number;
  /** For a statement that is given none of its own. */
  readonly statement: number;
}

/** What a connection reports besides answers. */
export interface ConnectionObserver {
  /** A statement sent at the given monotonic time was answered: the session lived when the server ran it. */
  answered?(sentAt: number): void;
  /** A notification came in. */
  notified?(payload: string): void;
  /** The connection is gone for good; comes once, before any of its statements is rejected. */
  ended?(error: ConnectionLostError): void;
}

/**
 * One connection to the server that is never shared, never reused, and given up when a statement is not answered in time: an answer
 * that comes too late must not be believed.
 */
export class DirectConnection implements SqlClient {
  /** Whoever wants to hear of the connection sets itself here. */
  observer: ConnectionObserver = {};
  private readonly turns = new Turns();
  private readonly waiting = new Set<(error: Error) => void>();
  private failure: ConnectionLostError | undefined;

  private constructor(
    private readonly client: pg.Client,
    private readonly socket: Duplex,
    private readonly deadline: number,
  ) {
    client.on('error', (error) => this.abandon(error.message));
    client.on('end', () => this.abandon('the server closed it'));
    client.on('notification', ({ payload = '' }) => this.observer.notified?.(payload));
  }

  /** @throws Error of the driver or the server when no connection is established within the deadline. */
  static async open(config: ClientConfig, deadlines: ConnectionDeadlines): Promise<DirectConnection> {
    const socket = config.stream?.() ?? new Socket();
    if (socket instanceof Socket) socket.unref();
    const client = new pg.Client({ ...config, stream: () => socket, connectionTimeoutMillis: deadlines.connect });
    const connection = new DirectConnection(client, socket, deadlines.statement);
    try {
      await client.connect();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return connection;
  }

  /** Number of the server process as it introduced itself; behind a pooler it is another one that answers. */
  get processId(): number {
    return (this.client as pg.Client & { readonly processID: number }).processID;
  }

  get isOpen(): boolean {
    return this.failure === undefined;
  }

  /** Why the connection is gone; `undefined` while it stands. */
  get lost(): ConnectionLostError | undefined {
    return this.failure;
  }

  /** Runs pieces of work that need several statements one after the other. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.turns.take(work);
  }

  /** The same connection with another limit for each statement. */
  within(deadline: number): SqlClient {
    return { query: <Row>(query: SqlQuery) => this.query<Row>(query, deadline) };
  }

  query<Row>(query: SqlQuery, deadline = this.deadline): Promise<SqlResult<Row>> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const sentAt = monotonicNow();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // A thread that was stopped runs its timers before it reads its sockets, so the answer may be there already.
        setImmediate(() =>
          setImmediate(() => {
            if (this.waiting.has(settle)) this.abandon(`no answer within ${deadline} ms`);
          }),
        );
      }, deadline);
      timer.unref();
      const settle = (error: Error): void => {
        this.waiting.delete(settle);
        clearTimeout(timer);
        reject(error);
      };
      this.waiting.add(settle);
      this.send<Row>(query).then(
        (result) => {
          if (!this.waiting.delete(settle)) return;
          clearTimeout(timer);
          this.observer.answered?.(sentAt);
          resolve(result);
        },
        (error: unknown) => {
          if (!this.waiting.has(settle)) return;
          if (isServerError(error)) {
            this.observer.answered?.(sentAt);
            settle(error);
          } else {
            this.abandon(error instanceof Error ? error.message : String(error));
          }
        },
      );
    });
  }

  /** Gives the connection up at once. */
  abandon(reason: string): void {
    if (this.failure !== undefined) return;
    const { observer } = this;
    const failure = this.fail(reason);
    this.socket.destroy();
    observer.ended?.(failure);
    this.rejectWaiting(failure);
  }

  /** Takes leave of the server, without waiting for it. */
  close(): void {
    if (this.failure !== undefined) return;
    const failure = this.fail('it was closed');
    // The farewell is written at once; when the server is gone, only destroying the socket ends it.
    this.client.end().catch(() => undefined);
    setTimeout(() => this.socket.destroy(), 1000).unref();
    this.rejectWaiting(failure);
  }

  private fail(reason: string): ConnectionLostError {
    this.observer = {};
    return (this.failure = new ConnectionLostError(reason));
  }

  private rejectWaiting(failure: ConnectionLostError): void {
    for (const reject of [...this.waiting]) reject(failure);
  }

  private send<Row>({ name, text, values }: SqlQuery): Promise<SqlResult<Row>> {
    const client: SqlClient = this.client;
    return client.query<Row>({
      text,
      ...(name === undefined ? {} : { name }),
      ...(values === undefined ? {} : { values }),
    });
  }
}

import { hostname } from 'node:os';

import type { ClaimKey } from '../deliveries/claimed-delivery.js';
import { connectionConfig, unclonablePath } from './connection/client-config.js';
import { MainThreadHost } from './host/main-thread-host.js';
import type { SessionHost } from './host/session-host.js';
import type { SessionSetup } from './host/session-setup.js';
import { ThreadHost } from './host/thread-host.js';
import { ThreadUnavailableError } from './host/thread-unavailable.error.js';
import type { SessionEvents } from './protocol/session-events.js';
import type { WorkerIdentity } from './protocol/worker-identity.js';
import type { WorkerSessionOptions } from './session-options.js';
import { sessionSettings } from './session-settings.js';
import { SessionUnprovenError } from './session-unproven.error.js';
import { StartGate } from './start-gate.js';
import type { ClaimAnswer, ReceiverDemand, WorkerSession, WorkerSessionListener } from './worker-session.js';

const LONG = 2 ** 30;

/**
 * A worker's session on PostgreSQL: a thread owns one connection whose advisory lock proves that this process lives, whatever its event
 * loop is busy with. Claims run on that connection, so a process without it cannot claim.
 */
export class PostgresWorkerSession implements WorkerSession {
  private readonly gate = new StartGate();
  private readonly setup: SessionSetup;
  private host: SessionHost | undefined;
  private listener: WorkerSessionListener | undefined;
  private identity: WorkerIdentity | undefined;
  private hears = false;
  private proofAsked = false;

  /** @throws JobsError when the timings are out of order. */
  constructor(private readonly options: WorkerSessionOptions) {
    this.setup = {
      connection: connectionConfig(options.connection),
      names: options.names,
      channel: options.channel,
      ownCall: options.ownCall,
      settings: sessionSettings(options.settings),
      host: options.host ?? hostname(),
      clockOffset: options.clock.offset,
      gate: this.gate.memory,
    };
  }

  get workerId(): number | undefined {
    return this.identity?.id;
  }

  get hearsNotifications(): boolean {
    return this.hears;
  }

  async start(listener: WorkerSessionListener): Promise<void> {
    this.listener = listener;
    await keepProcessAlive(() => this.startHost());
  }

  async claim(demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    if (this.host === undefined) throw new SessionUnprovenError();
    return this.host.claim(demands, this.options.clock.offset);
  }

  /** A proof that has merely grown old, after the event loop was blocked for instance, is asked for anew: `onProven` tells when it came. */
  isProven(): boolean {
    if (this.identity === undefined) return false;
    if (this.gate.admits(this.identity.id)) return true;
    if (!this.proofAsked) {
      this.proofAsked = true;
      this.host?.prove();
    }
    return false;
  }

  async stop(): Promise<void> {
    const { host } = this;
    this.host = undefined;
    this.identity = undefined;
    this.gate.close();
    if (host !== undefined) await keepProcessAlive(() => host.stop());
  }

  private async startHost(): Promise<void> {
    const events = this.reportsTo();
    const obstacle = unclonablePath({ ...this.setup.connection, password: undefined });
    if (obstacle === undefined) {
      try {
        await this.startIn(this.threadHost(events));
        return;
      } catch (error) {
        if (!(error instanceof ThreadUnavailableError)) throw error;
        this.warnOfMainThread(error.message);
      }
    } else {
      this.warnOfMainThread(`"${obstacle}" of the database connection cannot be handed to a thread.`);
    }
    await this.startIn(new MainThreadHost(this.setup, events));
  }

  private async startIn(host: SessionHost): Promise<void> {
    this.host = host;
    try {
      await host.start();
    } catch (error) {
      this.host = undefined;
      throw error;
    }
  }

  private threadHost(events: SessionEvents): ThreadHost {
    const { password, ...connection } = this.setup.connection;
    const dynamicPassword = typeof password === 'function';
    const setup = dynamicPassword || password === undefined ? { ...this.setup, connection } : this.setup;
    return new ThreadHost({
      data: { setup, dynamicPassword },
      gate: this.gate,
      events,
      password: async () => (typeof password === 'function' ? password() : (password ?? '')),
    });
  }

  private warnOfMainThread(reason: string): void {
    this.guarded((listener) =>
      listener.onNotice(
        'warn',
        `The worker is proven from the main thread: ${reason} When a process dies, its deliveries wait for up to ` +
          `${this.setup.settings.mainThreadGrace} ms, and a process that blocks its event loop for longer than that while its ` +
          'connection is cut can be overtaken.',
      ),
    );
  }

  private reportsTo(): SessionEvents {
    return {
      proven: (identity, hears) => {
        if (this.host === undefined) return;
        this.identity = identity;
        this.hears = hears;
        this.proofAsked = false;
        this.guarded((listener) => listener.onProven());
      },
      unproven: () => {
        this.proofAsked = false;
        this.guarded((listener) => listener.onUnproven());
      },
      fenced: () => {
        this.identity = undefined;
        this.guarded((listener) => listener.onFenced());
      },
      recovered: (deliveries) => this.guarded((listener) => listener.onRecovered(deliveries)),
      wake: () => this.guarded((listener) => listener.onWake()),
      stirred: () => this.guarded((listener) => listener.onStirred()),
      controls: (controls) => this.guarded((listener) => listener.onControls(controls)),
      notice: (level, message) => this.guarded((listener) => listener.onNotice(level, message)),
      held: () => this.held(),
    };
  }

  /** Asked in a turn of its own, when everything that was claimed before has reached the worker. */
  private held(): Promise<readonly ClaimKey[]> {
    return new Promise((resolve) =>
      setImmediate(() => {
        const keys: readonly ClaimKey[] = this.listener?.heldDeliveries() ?? [];
        resolve(keys.map(({ eventId, receiver, claims }) => ({ eventId, receiver, claims })));
      }),
    );
  }

  /** An error of the listener must end neither the session nor the process. */
  private guarded(report: (listener: WorkerSessionListener) => void): void {
    const { listener } = this;
    if (listener === undefined) return;
    try {
      report(listener);
    } catch (error) {
      listener.onNotice(
        'error',
        `The worker failed at a report of its session: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

/** A session never keeps the process alive by itself; while somebody waits for its start or its end, it must. */
async function keepProcessAlive<Result>(work: () => Promise<Result>): Promise<Result> {
  const timer = setInterval(() => undefined, LONG);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

import { Worker } from 'node:worker_threads';

import type { StartGate } from '../start-gate.js';
import type { SessionEvents } from '../protocol/session-events.js';
import type { WorkerIdentity } from '../protocol/worker-identity.js';
import { unpackClaims } from '../thread/packed-claims.js';
import { Remote } from '../thread/remote.js';
import type { MainOffer, ThreadData, ThreadOffer } from '../thread/thread-offers.js';
import { threadLocation } from '../thread-location.js';
import type { ClaimAnswer, ReceiverDemand } from '../worker-session.js';
import type { SessionHost } from './session-host.js';
import { SessionUnprovenError } from '../session-unproven.error.js';
import { settledWithin } from './settled-within.js';
import { ThreadUnavailableError } from './thread-unavailable.error.js';

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;

interface LivingThread {
  readonly worker: Worker;
  readonly remote: Remote<ThreadOffer>;
}

/** What a thread host needs besides what it hands to the thread. */
export interface ThreadHostOptions {
  readonly data: ThreadData;
  readonly gate: StartGate;
  readonly events: SessionEvents;
  readonly password: () => Promise<string>;
}

/** Runs a session in a thread of its own, and starts another thread when that one ends by an error. */
export class ThreadHost implements SessionHost {
  private thread: LivingThread | undefined;
  private identity: WorkerIdentity | undefined;
  private stopping = false;
  private pause = FIRST_PAUSE;

  constructor(private readonly options: ThreadHostOptions) {}

  /** @throws ThreadUnavailableError when no thread can be started at all. */
  async start(): Promise<void> {
    const { remote, worker } = await this.spawn();
    try {
      await remote.call('start');
    } catch (error) {
      this.stopping = true;
      await worker.terminate();
      throw error;
    }
  }

  async claim(demands: readonly ReceiverDemand[], clockOffset: number): Promise<ClaimAnswer> {
    const { claims, nextDueIn } = await this.living().remote.call('claim', demands, clockOffset);
    return { deliveries: unpackClaims(claims), nextDueIn };
  }

  prove(): void {
    this.thread?.remote.tell('prove');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.thread === undefined) return;
    const { remote, worker } = this.thread;
    await settledWithin(remote.call('stop'), this.options.data.setup.settings.stopDeadline);
    await worker.terminate();
  }

  private living(): LivingThread {
    if (this.thread === undefined) throw new SessionUnprovenError();
    return this.thread;
  }

  private spawn(): Promise<LivingThread> {
    return new Promise((resolve, reject) => {
      const worker = this.createWorker();
      let failure: Error | undefined;
      const offered = new Map<keyof MainOffer, (...values: never[]) => unknown>();
      const thread = { worker, remote: new Remote<ThreadOffer>(worker, offered) };
      this.offer(offered, () => {
        this.thread = thread;
        resolve(thread);
        // Stopped while it was loading.
        if (this.stopping) void worker.terminate();
      });
      worker.on('error', (error: Error) => (failure = error));
      worker.on('exit', (code) => {
        const error = failure ?? new Error(`The liveness thread ended with code ${code}.`);
        thread.remote.close(error);
        if (this.thread === thread) this.startAgain(error);
        else reject(new ThreadUnavailableError(error));
      });
      // Last, for listening to its messages would undo it.
      worker.unref();
    });
  }

  private createWorker(): Worker {
    try {
      return new Worker(threadLocation, {
        workerData: this.options.data,
        name: 'nestjs-jobs liveness',
        // Claims leave little behind; by default this would grow to several times as much before it is collected.
        resourceLimits: { maxYoungGenerationSizeMb: 4 },
      });
    } catch (error) {
      throw new ThreadUnavailableError(error);
    }
  }

  private offer(offered: Map<keyof MainOffer, (...values: never[]) => unknown>, ready: () => void): void {
    const { events, password } = this.options;
    offered.set('ready', ready);
    offered.set('password', password);
    offered.set('proven', (identity: WorkerIdentity, hears: boolean) => {
      this.identity = identity;
      this.pause = FIRST_PAUSE;
      events.proven(identity, hears);
    });
    offered.set('unproven', () => events.unproven());
    offered.set('fenced', () => {
      this.identity = undefined;
      events.fenced();
    });
    offered.set('recovered', events.recovered.bind(events));
    offered.set('wake', () => events.wake());
    offered.set('stirred', () => events.stirred());
    offered.set('controls', events.controls.bind(events));
    offered.set('notice', events.notice.bind(events));
    offered.set('held', () => events.held());
  }

  /** The identity outlives its thread: the process still runs what it claimed, and is proven again before others give it up. */
  private startAgain(error: Error): void {
    this.thread = undefined;
    if (this.stopping) return;
    const { events, gate } = this.options;
    gate.close();
    events.unproven();
    events.notice('error', `The liveness thread ended and is started again: ${error.message}`);
    setTimeout(() => {
      if (!this.stopping) void this.resume();
    }, this.pause).unref();
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  private async resume(): Promise<void> {
    try {
      const { remote } = await this.spawn();
      remote.tell('resume', this.identity);
    } catch (error) {
      this.startAgain(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

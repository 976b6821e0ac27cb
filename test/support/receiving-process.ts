import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';

import type { SessionSettings } from '../../lib/engine/liveness/session-settings.js';
import { type JobsWorkerOptions, ReliableEvent } from '../../lib/index.js';
import { until } from './until.js';

/** What the receivers of the child are to do. */
@ReliableEvent('child.asked')
export class Asked {
  constructor(
    readonly script: 'poison' | 'innocent' | 'finish when told' | 'stop when told' | 'block' | 'nothing',
    /** Which of several it is, or for how many milliseconds it blocks the event loop. */
    readonly number = 0,
  ) {}
}

/** Only reported by the child. */
@ReliableEvent('child.noted')
export class Noted {
  constructor(readonly number: number) {}
}

/** Emitted by a receiver of the child. */
@ReliableEvent('child.confirmed')
export class Confirmed {
  constructor(readonly of: string) {}
}

export interface ReceivingWorkerOptions {
  readonly url: string;
  readonly worker: JobsWorkerOptions;
  /** In place of those of production. */
  readonly timings?: Partial<SessionSettings>;
}

/** What the child reports. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly script: string; readonly attempt: number }
  | { readonly kind: 'finished'; readonly script: string }
  | { readonly kind: 'noted'; readonly number: number };

const file = resolve(__dirname, '../../.build/test/children/receiving-worker.js');

/** An application in a process of its own, with receivers of `Asked`. */
export class ReceivingProcess {
  readonly reports: WorkerReport[] = [];
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (report: WorkerReport) => this.reports.push(report));
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  }

  /** Starts one; it may have ended already when this resolves. */
  static async start(options: ReceivingWorkerOptions): Promise<ReceivingProcess> {
    const child = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const process = new ReceivingProcess(child);
    await Promise.race([process.ended, until(() => process.reports.length > 0, 'the child')]);
    return process;
  }

  async started(script: Asked['script']): Promise<void> {
    await until(() => this.has('started', script), script);
  }

  /** Whether it reported this. */
  has(kind: 'started' | 'finished', script: Asked['script']): boolean {
    return this.reports.some((report) => report.kind === kind && report.script === script);
  }

  /** Lets a receiver go on that waits for it. */
  finish(): void {
    this.child.send('finish');
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

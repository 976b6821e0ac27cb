import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';

import { ReliableEvent } from '../../lib/index.js';

@ReliableEvent('group.counted')
export class Counted {
  constructor(readonly number: number) {}
}

export interface GroupedWorkerOptions {
  readonly url: string;
  /** Runs with uncommitted writes at which the process kills itself; `null` for never. */
  readonly killAtUncommitted: number | null;
}

const file = resolve(__dirname, '../../.build/test/children/grouped-worker.js');

/** A worker in a process of its own, whose receiver's deliveries are committed together. */
export class GroupedProcess {
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  private readonly child: ChildProcess;

  constructor(options: GroupedWorkerOptions) {
    this.child = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.ended = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal)));
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}

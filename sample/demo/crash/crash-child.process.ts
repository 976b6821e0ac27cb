import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import type { CrashChildReport, CrashChildTask } from './crash-child.messages.js';

/** A crash child, seen from outside. */
export class CrashChild {
  private readonly child: ChildProcess;
  private readonly reports: CrashChildReport[] = [];
  private wake: () => void = () => undefined;
  private ended = false;

  /** @param script the compiled `crash-child.js`. */
  constructor(script: string, task: CrashChildTask) {
    this.child = fork(script, [JSON.stringify(task)], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child.on('message', (message) => {
      this.reports.push(message as CrashChildReport);
      this.wake();
    });
    this.child.once('exit', () => {
      this.ended = true;
      this.wake();
    });
  }

  /** The first report of one of the given kinds. */
  async report<Kind extends CrashChildReport['kind']>(
    ...kinds: readonly Kind[]
  ): Promise<Extract<CrashChildReport, { kind: Kind }>> {
    for (;;) {
      const found = this.reports.find((report) => kinds.some((kind) => kind === report.kind));
      if (found !== undefined) return found as Extract<CrashChildReport, { kind: Kind }>;
      if (this.ended) throw new Error(`the child ended before it reported ${kinds.join(' or ')}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Kills the process at once; it has no chance to do anything about it. */
  async kill(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const script = resolve(__dirname, '../../../.build/test/children/sample-process.js');

/** What one process of the fleet does. */
export interface FleetMember {
  readonly worker: boolean;
  /** Whether it lets customers pay orders, one after another. */
  readonly stream: boolean;
}

/** Processes of the sample that are killed and started again. */
export class Fleet {
  private readonly processes: (ChildProcess | undefined)[] = [];
  private readonly up: Promise<unknown>[] = [];
  /** What processes reported before they ended by themselves, which none should. */
  readonly failures: string[] = [];

  constructor(
    private readonly members: readonly FleetMember[],
    private readonly settings: { readonly databaseUrl: string; readonly ratesUrl: string },
  ) {}

  get size(): number {
    return this.members.length;
  }

  /** Starts whoever does not run. */
  start(index: number): void {
    const member = this.members[index];
    if (member === undefined || this.processes[index] !== undefined) return;
    const task = JSON.stringify({ ...this.settings, ...member, synchronize: false, tokenSecret: 'test' });
    const child = fork(script, [task], { execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    this.processes[index] = child;
    this.up[index] = Promise.race([once(child, 'message'), once(child, 'exit')]);
    let errors = '';
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL') this.failures.push(`process ${index} ended by itself (${signal ?? code}): ${errors}`);
    });
  }

  /** Resolves when a process is up, or is no more. */
  async ready(index: number): Promise<void> {
    await this.up[index];
  }

  /** Kills a process at whatever it is doing. */
  async kill(index: number): Promise<void> {
    const child = this.processes[index];
    if (child === undefined) return;
    this.processes[index] = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  async killAll(): Promise<void> {
    await Promise.all(this.members.map((_member, index) => this.kill(index)));
  }
}

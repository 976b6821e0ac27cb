import type { ChildProcess } from 'node:child_process';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import type { DeploymentName } from './deployment.js';
import type { ProcessOrder } from './process-task.js';

/** A place in the fleet, in which one process after another runs. */
export class Member {
  boot = 0;
  child: ChildProcess | undefined;
  /** Whether the present process works. */
  isReady = false;
  /** Whether it is meant to run: whoever ends it says so before. */
  isWanted = false;
  /** Whether a fault has it for itself, so that others do not cut that short. */
  isReserved = false;
  /** Resolves when the present process has ended. */
  ended: Promise<void> = Promise.resolve();
  /** Resolves when the present process works, or has ended. */
  ready: Promise<void> = Promise.resolve();
  resting: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly role: 'worker' | 'emitter',
    readonly proxy: TcpProxy,
    public deployment: DeploymentName,
  ) {}

  /** The present boot, such as `worker-1.3`. */
  get process(): string {
    return `${this.name}.${this.boot}`;
  }

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  order(order: ProcessOrder): void {
    if (this.child?.connected === true) this.child.send(order, ignore);
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }
}

/** It ends at any moment, which its end tells of. */
function ignore(): void {
  return undefined;
}

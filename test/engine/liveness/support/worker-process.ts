import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import type { ClaimedDelivery } from '../../../../lib/engine/deliveries/claimed-delivery.js';
import type { SessionSettings } from '../../../../lib/engine/liveness/session-settings.js';
import { eventually } from '../../../support/eventually.js';

export interface WorkerProcessOptions {
  readonly url: string;
  readonly channel: string;
  readonly settings: Partial<SessionSettings>;
  readonly host?: string;
  /** Keeps the session on the main thread. */
  readonly main?: boolean;
}

/** What the child reports. */
export type ChildReport =
  | { readonly kind: 'proven'; readonly workerId?: number }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'claimed'; readonly deliveries: readonly ClaimedDelivery[] }
  | { readonly kind: 'blocking' }
  | { readonly kind: 'unblocked'; readonly admitted: boolean; readonly workerId?: number }
  | { readonly kind: 'started'; readonly delivery: ClaimedDelivery }
  | { readonly kind: 'notice'; readonly message: string };

/** What the child is told. */
export type ChildOrder =
  | { readonly kind: 'claim'; readonly limit: number }
  /** Blocks the event loop, and asks the start gate in the same moment in which that ends. */
  | { readonly kind: 'block'; readonly milliseconds: number }
  /** From now on starts what is claimed as soon as the gate admits it. */
  | { readonly kind: 'run' };

const file = resolve(__dirname, '../../../../.build/test/children/liveness-worker.js');

/** A worker in a process of its own, which can be stopped, continued and killed for real. */
export class WorkerProcess {
  readonly reports: ChildReport[] = [];

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (report: ChildReport) => this.reports.push(report));
  }

  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const child = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const process = new WorkerProcess(child);
    await process.reported('proven');
    return process;
  }

  get workerId(): number {
    return this.all('proven').at(-1)!.workerId!;
  }

  all<Kind extends ChildReport['kind']>(kind: Kind): Extract<ChildReport, { readonly kind: Kind }>[] {
    return this.reports.filter(
      (report): report is Extract<ChildReport, { readonly kind: Kind }> => report.kind === kind,
    );
  }

  async reported<Kind extends ChildReport['kind']>(
    kind: Kind,
    times = 1,
  ): Promise<Extract<ChildReport, { readonly kind: Kind }>> {
    return eventually(`${kind}, ${times} times, from the child`, () => this.all(kind)[times - 1]);
  }

  order(order: ChildOrder): void {
    this.child.send(order);
  }

  async claim(limit: number): Promise<readonly ClaimedDelivery[]> {
    const before = this.all('claimed').length;
    this.order({ kind: 'claim', limit });
    return (await this.reported('claimed', before + 1)).deliveries;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}

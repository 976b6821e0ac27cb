import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';

import { JobType } from '../../lib/index.js';
import { until } from './until.js';

/** A job that anybody of support may take. */
@JobType('refund.review', { candidates: ['role:support'] })
export class ReviewRefund {}

/** What the child does when it is told to. */
export type Act =
  | { readonly kind: 'replay'; readonly eventId: string }
  | { readonly kind: 'replay all'; readonly receiver: string }
  | { readonly kind: 'prune' }
  | { readonly kind: 'purge' }
  | { readonly kind: 'expire' }
  | { readonly kind: 'claim next' };

/** What the child reports. */
export type ActReport = { readonly kind: 'ready' } | { readonly kind: 'acted' } | { readonly kind: 'failed' };

/** What the connections of the child are called in the server's views, and who it says it is. */
export const ACTING = 'acting-process';

/** Everything that is emitted, or was, and everybody. */
export const ALWAYS = { from: new Date('2000-01-01'), to: new Date('2100-01-01') } as const;

const file = resolve(__dirname, '../../.build/test/children/acting-process.js');

/** An application without a worker in a process of its own, which carries out one act and can be killed in the middle of it. */
export class ActingProcess {
  readonly reports: ActReport[] = [];
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (report: ActReport) => this.reports.push(report));
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  }

  static async start(url: string): Promise<ActingProcess> {
    const process = new ActingProcess(fork(file, [url], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    await process.reported('ready');
    return process;
  }

  begin(act: Act): void {
    this.child.send(act);
  }

  async reported(kind: ActReport['kind']): Promise<void> {
    const dead = this.ended.then((how) =>
      Promise.reject(new Error(`The child ended before it was ${kind}: ${String(how)}.`)),
    );
    await Promise.race([
      dead,
      until(() => this.reports.some((report) => report.kind === kind), `"${kind}" of the child`),
    ]);
  }

  /** Throws when the act has ended, which then did not come to where it was to be cut off. */
  assertBusy(): void {
    const end = this.reports.find(({ kind }) => kind !== 'ready');
    if (end !== undefined) throw new Error(`The act has ${end.kind} before it could be cut off.`);
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

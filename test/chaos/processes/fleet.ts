import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TcpProxy } from '../../support/tcp-proxy.js';
import type { Journal } from '../history/journal.js';
import type { DeploymentName } from './deployment.js';
import { Member } from './member.js';
import type { ProcessReport, ProcessTask } from './process-task.js';

/** What all processes of a fleet have in common. */
export interface FleetSettings extends Pick<
  ProcessTask,
  'folder' | 'workloads' | 'seed' | 'rate' | 'poolSize' | 'pollInterval' | 'shutdownGrace' | 'timings'
> {
  /** Folder with the compiled code that processes run: `.build`, or a copy of it with something changed. */
  readonly code: string;
  readonly databaseUrl: string;
  readonly workers: number;
  readonly emitters: number;
  readonly deployment: DeploymentName;
  /** Timings of one place in the fleet beside those of all. */
  readonly timingsOf?: Readonly<Record<string, FleetSettings['timings']>>;
}

/** Milliseconds until a process that ended by itself is started again. */
const SUPERVISED_AFTER = 200;
/** Milliseconds a process has to end when it is told to. */
const STOPPED_WITHIN = 60_000;

/** Processes that are started, stopped and killed, each behind a proxy of its own. */
export class Fleet {
  private constructor(
    readonly members: readonly Member[],
    private readonly settings: FleetSettings,
    private readonly journal: Journal,
  ) {}

  static async create(settings: FleetSettings, journal: Journal): Promise<Fleet> {
    const names = [
      ...Array.from({ length: settings.workers }, (_none, index) => ({
        name: `worker-${index + 1}`,
        role: 'worker' as const,
      })),
      ...Array.from({ length: settings.emitters }, (_none, index) => ({
        name: `emitter-${index + 1}`,
        role: 'emitter' as const,
      })),
    ];
    const members = await Promise.all(
      names.map(
        async ({ name, role }) =>
          new Member(name, role, await TcpProxy.start(settings.databaseUrl), settings.deployment),
      ),
    );
    return new Fleet(members, settings, journal);
  }

  get workers(): readonly Member[] {
    return this.members.filter(({ role }) => role === 'worker');
  }

  get emitters(): readonly Member[] {
    return this.members.filter(({ role }) => role === 'emitter');
  }

  /** Starts a process where none runs. */
  start(member: Member, deployment: DeploymentName = member.deployment): void {
    if (member.isRunning) return;
    member.deployment = deployment;
    member.boot += 1;
    member.isWanted = true;
    member.isReady = false;
    const { process: boot, role } = member;
    const log = openSync(join(this.settings.folder, `${boot}.log`), 'a');
    const child = fork(this.file('chaos-process.js'), [JSON.stringify(this.taskOf(member))], {
      execArgv: ['--require', this.file('clock-shift.js')],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    member.child = child;
    this.journal.writeOf(boot, { kind: 'process.started', role, deployment, pid: child.pid ?? 0 });
    const told = (kind: ProcessReport['kind']): Promise<void> =>
      new Promise((resolve) => child.on('message', (report: ProcessReport) => report.kind === kind && resolve()));
    member.ended = once(child, 'exit').then(([code, signal]) => this.noteEnd(member, boot, String(signal ?? code)));
    member.ready = Promise.race([told('ready').then(() => this.noteReady(member, boot)), member.ended]);
    member.resting = Promise.race([told('resting'), member.ended]);
  }

  /** Kills a process at whatever it is doing. */
  async kill(member: Member): Promise<void> {
    member.isWanted = false;
    member.signal('SIGKILL');
    await member.ended;
  }

  /** Lets a process end as at a deploy; kills it when it does not. */
  async stop(member: Member): Promise<void> {
    member.isWanted = false;
    member.signal('SIGTERM');
    const limit = new AbortController();
    const late = sleep(STOPPED_WITHIN, true, { signal: limit.signal }).catch(() => false);
    if (await Promise.race([member.ended.then(() => false), late])) await this.kill(member);
    limit.abort();
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => this.kill(member)));
    await Promise.all(this.members.map(({ proxy }) => proxy.close()));
  }

  private file(name: string): string {
    return join(this.settings.code, 'test/chaos/processes', name);
  }

  private taskOf({ name: place, process: name, role, deployment, proxy, boot }: Member): ProcessTask {
    const { folder, workloads, seed, rate, poolSize, pollInterval, shutdownGrace, timings, timingsOf } = this.settings;
    return {
      name,
      role,
      deployment,
      url: proxy.url,
      folder,
      workloads,
      seed: seed + 1_000 * boot + this.members.findIndex((member) => member.proxy === proxy) * 100,
      rate,
      poolSize,
      pollInterval,
      shutdownGrace,
      timings: { ...timings, ...timingsOf?.[place] },
    };
  }

  private noteReady(member: Member, boot: string): void {
    if (member.process !== boot || member.child === undefined) return;
    member.isReady = true;
    this.journal.writeOf(boot, { kind: 'process.ready' });
  }

  private noteEnd(member: Member, boot: string, how: string): void {
    // One that could not start while the database was away is started again, as supervisors do.
    const expected = !member.isWanted || !member.isReady;
    this.journal.writeOf(boot, { kind: 'process.ended', how, expected });
    member.child = undefined;
    member.isReady = false;
    if (!member.isWanted) return;
    setTimeout(() => member.isWanted && this.start(member), SUPERVISED_AFTER).unref();
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { defaultSessionSettings, type SessionSettings } from '../../lib/engine/liveness/session-settings.js';
import { type PostgresServer, startPostgres } from '../../tools/embedded-postgres.mjs';
import { broken, check, type Verdict } from './checker/check.js';
import { rules } from './checker/rules.js';
import { Dice } from './dice.js';
import type { History } from './history/history.js';
import { Journal } from './history/journal.js';
import { monotonic } from './history/monotonic.js';
import { readHistory } from './history/read-history.js';
import { APPLICATION_TABLES, ENGINE_RECORDING } from './history/recording.js';
import { Battlefield } from './nemesis/battlefield.js';
import { Nemesis } from './nemesis/nemesis.js';
import { type FleetSettings, Fleet } from './processes/fleet.js';
import type { Member } from './processes/member.js';
import { workloadsNamed } from './workload/workloads.js';

export interface ChaosSettings extends Omit<FleetSettings, 'databaseUrl' | 'folder'> {
  /** Milliseconds for working everything off once the faults are over, however much still moves. */
  readonly drainedWithin: number;
  /** Milliseconds without a step of any delivery after which nothing is waited for any more; longer than a lease. */
  readonly stuckAfter: number;
  /** Whether the files of the history stay where they are; those of a run that broke a rule always do. */
  readonly keep: boolean | 'never';
  /** A server that is running already; one of its own unless given. */
  readonly server?: PostgresServer;
}

/** What goes wrong in a run, and for how long. */
export type Script = (field: Battlefield, nemesis: Nemesis) => Promise<void>;

export interface ChaosResult {
  readonly history: History;
  readonly verdicts: readonly Verdict[];
  readonly broken: readonly Verdict[];
  /** Where the history's files are. */
  readonly folder: string;
}

const RESTED_WITHIN = 30_000;

/** One run: a fleet that works and emits while a script of faults unfolds, then peace until everything is worked off, then the verdicts. */
export class ChaosRun {
  private constructor(
    private readonly settings: ChaosSettings,
    private readonly server: PostgresServer,
    private readonly databaseUrl: string,
    private readonly folder: string,
    private readonly journal: Journal,
    private readonly fleet: Fleet,
  ) {}

  static async run(settings: ChaosSettings, script: Script): Promise<ChaosResult> {
    const folder = await mkdtemp(join(tmpdir(), 'nestjs-jobs-chaos-'));
    const journal = new Journal(folder, 'nemesis');
    const server = settings.server ?? (await startPostgres({ settings: { max_connections: 300 } }));
    const databaseUrl = await createDatabase(server);
    const fleet = await Fleet.create({ ...settings, folder, databaseUrl }, journal);
    const run = new ChaosRun(settings, server, databaseUrl, folder, journal, fleet);
    let sound = false;
    try {
      const result = await run.carryOut(script);
      sound = result.broken.length === 0;
      return result;
    } finally {
      await fleet.close();
      if (settings.server === undefined) await server.stop();
      if (settings.keep === 'never' || (sound && !settings.keep)) await rm(folder, { recursive: true, force: true });
    }
  }

  private async carryOut(script: Script): Promise<ChaosResult> {
    this.journal.write({ kind: 'clock', wall: Date.now() });
    await this.prepare();
    const field = new Battlefield(this.fleet, this.server, this.databaseUrl);
    const nemesis = new Nemesis(field, new Dice(this.settings.seed), this.journal);
    this.journal.write({ kind: 'phase', phase: 'chaos' });
    await script(field, nemesis);
    this.journal.write({ kind: 'phase', phase: 'drain' });
    const drained = await this.drain();
    this.journal.write({ kind: 'phase', phase: drained ? 'drained' : 'not drained' });
    await Promise.all(this.fleet.members.map((member) => this.fleet.stop(member)));
    const history = await this.onServer((client) =>
      readHistory(
        this.folder,
        client,
        this.workloads.flatMap(({ tables }) => tables),
        this.timings,
      ),
    );
    const verdicts = check(history, [...rules, ...this.workloads.flatMap((workload) => workload.rules)]);
    return { history, verdicts, broken: broken(verdicts), folder: this.folder };
  }

  private get workloads(): ReturnType<typeof workloadsNamed> {
    return workloadsNamed(this.settings.workloads);
  }

  private get timings(): SessionSettings {
    return { ...defaultSessionSettings, ...this.settings.timings };
  }

  /** All workers bring the tables in at the same time; whoever emits comes when everything is recorded. */
  private async prepare(): Promise<void> {
    await this.onServer((client) => client.query(APPLICATION_TABLES));
    for (const worker of this.fleet.workers) this.fleet.start(worker);
    await this.allReady(this.fleet.workers);
    await this.onServer((client) => client.query(ENGINE_RECORDING));
    for (const emitter of this.fleet.emitters) this.fleet.start(emitter);
    await this.allReady(this.fleet.emitters);
  }

  private async allReady(members: readonly Member[]): Promise<void> {
    while (members.some(({ isReady }) => !isReady)) await sleep(50);
  }

  /** Nobody emits any more, and everybody understands everything. */
  private async drain(): Promise<boolean> {
    const { fleet } = this;
    await Promise.all(fleet.emitters.map((emitter) => this.rest(emitter)));
    await Promise.all(
      fleet.workers.map(async (worker) => {
        if (worker.isRunning && worker.deployment !== 'full') await fleet.stop(worker);
        fleet.start(worker, 'full');
      }),
    );
    const until = monotonic() + this.settings.drainedWithin;
    let [moved, steps] = [monotonic(), -1];
    while (monotonic() < until && monotonic() < moved + this.settings.stuckAfter) {
      if ((await this.count(this.unfinished)) === 0) return true;
      const now = await this.count(['select count(*)::int4 as count from chaos_step']);
      if (now !== steps) [moved, steps] = [monotonic(), now];
      await sleep(100);
    }
    return false;
  }

  private async rest(emitter: Member): Promise<void> {
    if (emitter.isReady) {
      emitter.order({ kind: 'rest' });
      await Promise.race([emitter.resting, sleep(RESTED_WITHIN, undefined, { ref: false })]);
    }
    await this.fleet.stop(emitter);
  }

  private get unfinished(): readonly string[] {
    const deliveries = 'select count(*)::int4 as count from jobs_delivery';
    return [deliveries, ...this.workloads.flatMap(({ unfinished }) => unfinished ?? [])];
  }

  private async count(counts: readonly string[]): Promise<number> {
    return this.onServer(async (client) => {
      const { rows } = await client.query<{ count: number }>(counts.join(' union all '));
      return rows.reduce((sum, { count }) => sum + count, 0);
    });
  }

  private async onServer<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client(this.databaseUrl);
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

let databases = 0;

async function createDatabase(server: PostgresServer): Promise<string> {
  const name = `chaos_${process.pid}_${++databases}`;
  const client = new Client(server.url());
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return server.url(name);
}

import type { ClientConfig } from '../../../../lib/engine/database/client-config.js';

import type { ClaimedDelivery } from '../../../../lib/engine/deliveries/claimed-delivery.js';
import { PostgresWorkerSession } from '../../../../lib/engine/liveness/postgres-worker-session.js';
import type { SessionSettings } from '../../../../lib/engine/liveness/session-settings.js';
import type { ReceiverDemand } from '../../../../lib/engine/liveness/worker-session.js';
import type { TableNames } from '../../../../lib/engine/schema/table-names.js';
import { EngineFixture } from '../../../support/engine-fixture.js';
import { eventually } from '../../../support/eventually.js';
import { RecordingListener } from './recording-listener.js';
import { WorkerProcess, type WorkerProcessOptions } from './worker-process.js';

/** Waits that production needs and a test does not; what keeps the living from being taken for dead stays as it is. */
export const quick: Partial<SessionSettings> = { beat: 200, restartGrace: 400 };

export const CHANNEL = 'jobs_wake';

export interface WorkerRow {
  readonly id: number;
  readonly state: string;
  readonly mode: string;
  readonly proof: number;
  readonly backend_pid: number | null;
  readonly ended: boolean;
}

interface StartOptions {
  readonly connection?: ClientConfig;
  readonly settings?: Partial<SessionSettings>;
  readonly host?: string;
}

/** A database with the engine's tables, and sessions and processes that work on it until the test ends. */
export class LivenessFixture {
  private readonly sessions: PostgresWorkerSession[] = [];
  private readonly processes: WorkerProcess[] = [];

  private constructor(readonly engine: EngineFixture) {}

  static async create(): Promise<LivenessFixture> {
    return new LivenessFixture(await EngineFixture.create());
  }

  get names(): TableNames {
    return this.engine.names;
  }

  get url(): string {
    return this.engine.testDatabase.url;
  }

  /** Between tests: ends what still runs, and empties the tables. */
  async reset(): Promise<void> {
    for (const process of this.processes.splice(0)) await process.kill();
    await Promise.all(this.sessions.splice(0).map((session) => session.stop()));
    await this.engine.reset();
  }

  async close(): Promise<void> {
    await this.reset();
    await this.engine.close();
  }

  session({ connection, settings, host }: StartOptions = {}): PostgresWorkerSession {
    const session = new PostgresWorkerSession({
      connection: connection ?? { connectionString: this.url },
      names: this.names,
      channel: CHANNEL,
      clock: this.engine.clock,
      settings: { ...quick, ...settings },
      ...(host === undefined ? {} : { host }),
    });
    this.sessions.push(session);
    return session;
  }

  async started(
    options: StartOptions = {},
  ): Promise<{ readonly session: PostgresWorkerSession; readonly listener: RecordingListener; readonly id: number }> {
    const session = this.session(options);
    const listener = new RecordingListener();
    await session.start(listener);
    return { session, listener, id: session.workerId! };
  }

  /** A worker in a process of its own. */
  async process(options: Partial<WorkerProcessOptions> = {}): Promise<WorkerProcess> {
    const process = await WorkerProcess.start({ url: this.url, channel: CHANNEL, settings: quick, ...options });
    this.processes.push(process);
    return process;
  }

  async emit(count: number): Promise<void> {
    await this.engine.emit(...Array.from({ length: count }, () => this.engine.input()));
  }

  async worker(id: number): Promise<WorkerRow> {
    const row = await this.findWorker(id);
    if (row === undefined) throw new Error(`There is no worker ${id}.`);
    return row;
  }

  private async findWorker(id: number): Promise<WorkerRow | undefined> {
    const rows = await this.engine.rows<WorkerRow>(
      `select id, state, mode, proof, backend_pid, ended_at is not null as ended from ${this.names.worker} where id = $1`,
      [id],
    );
    return rows[0];
  }

  /** Waits until a worker's row is as wanted. */
  async workerIs(id: number, what: string, wanted: (row: WorkerRow) => boolean): Promise<WorkerRow> {
    return eventually(`worker ${id} to be ${what}`, async () => {
      const row = await this.findWorker(id);
      return row !== undefined && wanted(row) && row;
    });
  }

  /** Cuts a worker's connection on the side of the server. */
  async terminate(id: number): Promise<void> {
    const { backend_pid } = await this.worker(id);
    await this.engine.rows('select pg_terminate_backend($1)', [backend_pid]);
  }

  held(id: number): Promise<number> {
    return this.engine.count(this.names.delivery, `worker = ${id}`);
  }
}

export const demand = (limit: number): readonly ReceiverDemand[] => [{ receiver: 1, limit, version: 32_767 }];

/** Claims until something comes, as a worker does that is woken. */
export async function claimed(
  session: PostgresWorkerSession,
  listener: RecordingListener,
  count: number,
): Promise<ClaimedDelivery[]> {
  const deliveries: ClaimedDelivery[] = [];
  await eventually(`${count} deliveries claimed; notices: ${listener.notices.join(' | ')}`, async () => {
    deliveries.push(...(await session.claim(demand(count - deliveries.length))).deliveries);
    listener.held = deliveries;
    return deliveries.length >= count;
  });
  return deliveries;
}

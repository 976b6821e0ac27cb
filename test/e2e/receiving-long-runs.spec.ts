import { Asked, ReceivingProcess, type ReceivingWorkerOptions } from '../support/receiving-process.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const LEASE = 2_000;
const LONG = 3 * LEASE;

/** Whoever is silent for longer than this is taken for dead by the others. */
const timings = { beat: 200, restartGrace: 400, beatDeadline: 1_000, stale: 1_000, lease: LEASE };
const proofs: Readonly<Record<'lock' | 'lease', Omit<ReceivingWorkerOptions, 'url'>>> = {
  lock: { worker: {}, timings },
  lease: { worker: { lease: LEASE }, timings: { ...timings, proof: 'lease' } },
};

/** What two workers made of two runs that outlast the lease, one of which blocks its event loop. */
interface LongRuns {
  readonly reports: readonly string[];
  /** Whether it was the worker with a free event loop that worked meanwhile. */
  readonly otherWorked: boolean;
  /** The delivery of the run that blocked nothing, just before its end. */
  readonly held: unknown;
  readonly workers: readonly unknown[];
  readonly deadLetters: number;
}

async function runLong(proof: keyof typeof proofs): Promise<LongRuns> {
  const database = await TestDatabase.create();
  const observer = await TestApplication.start(database, { jobs: { worker: false } });
  const start = (): Promise<ReceivingProcess> => ReceivingProcess.start({ url: database.url, ...proofs[proof] });
  const processes = await Promise.all([start(), start()]);
  const whoever = async (kind: 'started' | 'finished', script: Asked['script']): Promise<ReceivingProcess> => {
    await until(() => processes.some((process) => process.has(kind, script)), `${script} ${kind}`);
    return processes.find((process) => process.has(kind, script))!;
  };
  try {
    await observer.events.emit(new Asked('finish when told'));
    await whoever('started', 'finish when told');
    await observer.events.emit(new Asked('block', LONG));
    const blocked = await whoever('started', 'block');
    await observer.events.emit(new Asked('nothing'));
    const otherWorked = (await whoever('finished', 'nothing')) !== blocked;
    await whoever('finished', 'block');
    await until(async () => (await observer.count('jobs_delivery')) === 1);
    const held = await observer.dataSource.query('select claims, attempts, interruptions from jobs_delivery');
    for (const process of processes) process.finish();
    await observer.drained();

    return {
      reports: processes.flatMap(({ reports }) => reports.map((report) => Object.values(report).join(' '))).sort(),
      otherWorked,
      held,
      workers: await observer.dataSource.query('select state, mode from jobs_worker'),
      deadLetters: await observer.count('jobs_dead_letter'),
    };
  } finally {
    for (const process of processes) process.kill('SIGKILL');
    await observer.close();
    await database.drop();
  }
}

describe('A receiver that runs for longer than the lease, and one that blocks the event loop for as long,', () => {
  let runs: Readonly<Record<keyof typeof proofs, LongRuns>>;

  beforeAll(async () => {
    // They take their time, and can do so together.
    const [lock, lease] = await Promise.all([runLong('lock'), runLong('lease')]);
    runs = { lock, lease };
  });

  it.each(['lock', 'lease'] as const)(
    'are left to their process, which lives, and are acknowledged once (proven by a %s)',
    (mode) => {
      expect(runs[mode]).toEqual({
        reports: [
          'finished block',
          'finished finish when told',
          'finished nothing',
          'ready',
          'ready',
          'started block 1',
          'started finish when told 1',
          'started nothing 1',
        ],
        otherWorked: true,
        held: [{ claims: 1, attempts: 0, interruptions: 0 }],
        workers: [
          { state: 'live', mode },
          { state: 'live', mode },
        ],
        deadLetters: 0,
      });
    },
  );
});

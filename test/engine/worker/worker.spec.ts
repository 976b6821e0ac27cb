import { Logger } from '@nestjs/common';
import { ActivityRecorder } from '../../../lib/engine/activity/activity-recorder.js';
import { PostgresActivityStore } from '../../../lib/engine/activity/postgres-activity-store.js';
import { RecentEvents } from '../../../lib/engine/deliveries/recent-events.js';
import { Lifecycle } from '../../../lib/engine/lifecycle/lifecycle.service.js';
import type { ClaimAnswer, ReceiverDemand, WorkerSession } from '../../../lib/engine/liveness/worker-session.js';
import { EventReader } from '../../../lib/engine/worker/event-reader.js';
import { Executor } from '../../../lib/engine/worker/executor.js';
import { OutcomePolicy } from '../../../lib/engine/worker/outcome-policy.js';
import { RunAnnouncer } from '../../../lib/engine/worker/run-announcer.js';
import { RunReporter } from '../../../lib/engine/worker/run-reporter.js';
import { TransactionSlots } from '../../../lib/engine/worker/transaction-slots.js';
import { endless } from '../../../lib/engine/worker/work-term.js';
import { Worker } from '../../../lib/engine/worker/worker.js';
import { defaultWorkerLimits } from '../../../lib/engine/worker/worker-limits.js';
import { WorkerCommand } from '../../../lib/command-line/worker-command.js';
import { parseWorkerFlags } from '../../../lib/command-line/worker-flags.js';
import { resolveJobsOptions } from '../../../lib/options/resolve-jobs-options.js';
import { EngineFixture } from '../../support/engine-fixture.js';
import { Signal } from '../../support/signal.js';
import { until } from '../../support/until.js';
import { groupedReceiver } from './support/grouped-receiver.js';

/** Claims whatever there is, however much was asked for. */
class GreedySession implements WorkerSession {
  readonly workerId = 1;
  readonly hearsNotifications = true;

  constructor(private readonly fixture: EngineFixture) {}

  start(): Promise<void> {
    return Promise.resolve();
  }

  async claim(demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    const receivers = demands.map(({ receiver }) => receiver);
    return { deliveries: await this.fixture.claim(100, receivers), nextDueIn: null };
  }

  isProven(): boolean {
    return true;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

describe('A worker', () => {
  let fixture: EngineFixture;
  let worker: Worker;
  let recent: RecentEvents;
  let payloads: string[];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    fixture = await EngineFixture.create();
  });
  afterAll(() => fixture.close());

  beforeEach(async () => {
    await fixture.reset();
    payloads = [];
    recent = new RecentEvents(16);
    worker = createWorker();
  });
  afterEach(() => worker.stop());

  function createWorker({ groupLimit = defaultWorkerLimits.groupLimit, term = endless } = {}): Worker {
    const { database, deliveries } = fixture;
    const policy = new OutcomePolicy(10, (text) => text);
    const announcer = new RunAnnouncer(new Lifecycle({ redact: undefined }));
    const { settleLimit, answerLimit, staleAfter } = defaultWorkerLimits;
    const store = new PostgresActivityStore(database, fixture.names, fixture.clock);
    return new Worker({
      session: new GreedySession(fixture),
      events: new EventReader(database, deliveries, recent, answerLimit),
      store: deliveries,
      runs: {
        executor: new Executor(policy, settleLimit, announcer),
        policy,
        environment: { database, store: deliveries, transactionSlots: new TransactionSlots(1) },
        reporter: new RunReporter((text) => text, undefined),
        announcer,
        settleLimit,
        groupLimit,
      },
      directory: { announce: () => Promise.resolve() },
      settings: {
        concurrency: 10,
        transactionalConcurrency: 1,
        batch: 100,
        pollInterval: 60_000,
        pollIntervalUnnotified: 60_000,
        shutdownGrace: 1_000,
        settleLimit,
        answerLimit,
        staleAfter,
        maxInterruptions: 10,
        term,
      },
      createActivity: (active) => new ActivityRecorder(store, active, 1_000_000),
      announceHandBack: () => undefined,
    });
  }

  const grouped = groupedReceiver({
    invoke: ({ payload }) => {
      payloads.push(payload);
      return Promise.resolve();
    },
  });

  it('goes on with a receiver that was paused while no transaction could be begun', async () => {
    const { dataSource } = fixture;
    const [alone, goOn] = [new Signal(), new Signal()];
    const create = dataSource.createQueryRunner.bind(dataSource);
    jest
      .spyOn(dataSource, 'createQueryRunner')
      .mockImplementationOnce(() => {
        throw new Error('no connection');
      })
      .mockImplementationOnce((mode) => {
        const queryRunner = create(mode);
        const connect = queryRunner.connect.bind(queryRunner);
        jest.spyOn(queryRunner, 'connect').mockImplementation(async () => {
          alone.give();
          await goOn.given;
          return connect() as Promise<unknown>;
        });
        return queryRunner;
      });
    await fixture.emit(...Array.from({ length: 5 }, () => fixture.input()));
    await worker.start(new Map([[1, grouped]]), []);
    worker.onProven();
    await alone.given;
    worker.onControls([{ receiver: 1, paused: true, concurrency: null }]);
    goOn.give();
    await until(async () => (await fixture.count(fixture.names.delivery, 'worker is not null')) === 0, 'the hand-back');
    expect(payloads).toHaveLength(1);

    worker.onControls([]);
    await until(async () => (await fixture.count(fixture.names.delivery)) === 0, 'the others');
    expect(payloads).toHaveLength(5);
  });

  it('knows no events any more that it saw before it lost its session, as another server may have given their ids again', async () => {
    const [emitted] = await fixture.emit(fixture.input());
    const [stored] = await fixture.deliveries.readEvents(fixture.database.connection, [emitted?.id ?? '']);
    if (stored === undefined) throw new Error('no event');
    recent.keep({ ...stored, payload: '{"of":"another"}' });
    await worker.start(new Map([[1, grouped]]), []);
    worker.onProven();
    await until(async () => (await fixture.count(fixture.names.delivery)) === 0, 'the run');

    expect(payloads).toEqual([stored.payload]);
  });

  it('that is to end after so many runs does not count what was to share a transaction and did not come to it', async () => {
    const command = new WorkerCommand(parseWorkerFlags(['--max-deliveries', '3']));
    const { worker: asked } = command.options(resolveJobsOptions({}));
    worker = createWorker({ groupLimit: 0, ...(asked !== false && { term: asked.term }) });
    await fixture.emit(...Array.from({ length: 5 }, () => fixture.input()));
    await worker.start(new Map([[1, grouped]]), []);
    worker.onProven();
    await command.done;
    await worker.stop();

    expect(payloads).toHaveLength(3);
    expect(await fixture.count(fixture.names.delivery, 'worker is null')).toBe(2);
  });

  it('reads no events any more once it has stopped', async () => {
    const tried = new Signal();
    const read = jest.spyOn(fixture.deliveries, 'readEvents').mockImplementation(() => {
      tried.give();
      return Promise.reject(new Error('the database is away'));
    });
    await fixture.emit(fixture.input());
    await worker.start(new Map([[1, grouped]]), []);
    worker.onProven();
    await tried.given;
    await worker.stop();
    await until(async () => (await fixture.count(fixture.names.delivery, 'worker is not null')) === 0, 'the hand-back');
    read.mockRestore();
    expect(payloads).toEqual([]);
  });
});

import { EngineDatabase } from '../../engine/database/engine-database.js';
import { DeliveryStore } from '../../engine/deliveries/delivery-store.port.js';
import { RecentEvents } from '../../engine/deliveries/recent-events.js';
import { PostgresWorkerSessions } from '../../engine/liveness/postgres-worker-sessions.js';
import { WorkerSessions } from '../../engine/liveness/worker-sessions.port.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import { Lifecycle } from '../../engine/lifecycle/lifecycle.service.js';
import { ReceiverControlStore } from '../../engine/receivers/receiver-control-store.port.js';
import { Registration } from '../../engine/receivers/registration.js';
import { EventReader } from '../../engine/worker/event-reader.js';
import { Executor } from '../../engine/worker/executor.js';
import { OutcomePolicy } from '../../engine/worker/outcome-policy.js';
import { RunAnnouncer } from '../../engine/worker/run-announcer.js';
import { RunReporter } from '../../engine/worker/run-reporter.js';
import { TransactionSlots } from '../../engine/worker/transaction-slots.js';
import { defaultWorkerLimits } from '../../engine/worker/worker-limits.js';
import { JobsError } from '../../errors/jobs.error.js';
import { EventCatalogue } from '../../events/definition/event-catalogue.js';
import { resolveJobsOptions } from '../../options/resolve-jobs-options.js';
import type { ResolvedWorkerOptions } from '../../options/resolved-jobs-options.js';
import { SchemaKeeper } from '../../schema/schema-keeper.js';
import type { TestClock } from '../clock/test-clock.js';
import type { EngineUnderTest } from '../engine-under-test.js';
import { readEvent } from '../matching/read-event.js';
import type { DeliveredRun } from './delivered-run.js';
import { DeliveryDriver, type DriverParts } from './delivery-driver.js';
import { DrivenSession } from './driven-session.js';
import { StartedSession } from './started-session.js';

/** Puts a driver together from the parts of an engine. */
export function createDriver(
  engine: EngineUnderTest,
  clock: TestClock,
  onRun: (run: DeliveredRun) => void,
): DeliveryDriver {
  const { executor, reporter, announcer, maxInterruptions } = runParts(engine);
  const database = engine.get(EngineDatabase);
  const store = engine.get(DeliveryStore);
  const registration = engine.get(Registration);
  const controls = engine.get(ReceiverControlStore);
  const catalogue = engine.get(EventCatalogue);
  return new DeliveryDriver(
    {
      database,
      session: sessionOf(engine, clock),
      events: new EventReader(database, store, new RecentEvents(0), defaultWorkerLimits.answerLimit),
      store,
      executor,
      environment: { database, store, transactionSlots: new TransactionSlots(1) },
      reporter,
      announcer,
      maxInterruptions,
      receivers: () => registration.ready(),
      controls: () => controls.read(database.connection),
      advance: (milliseconds) => clock.advance(milliseconds),
      readPayload: (event) => readEvent(catalogue, event),
    },
    onRun,
  );
}

/**
 * On PostgreSQL claims are made on the data source's own connections, so that they see what a test's transaction holds; a storage of
 * somebody's own claims as it does for workers.
 */
function sessionOf(engine: EngineUnderTest, clock: TestClock): WorkerSession {
  const sessions = engine.get(WorkerSessions);
  return sessions instanceof PostgresWorkerSessions
    ? new DrivenSession(engine.get(EngineDatabase), engine.get(SchemaKeeper).names, clock)
    : new StartedSession(sessions, workerOf(engine));
}

/** How the application's worker would work, or the default when it has none. */
function workerOf({ declared }: EngineUnderTest): ResolvedWorkerOptions {
  const worker = declared.worker === false ? resolveJobsOptions().worker : declared.worker;
  if (worker === false) throw new JobsError('Workers have no default.');
  return worker;
}

/** The parts that carry out a run, as the application's worker would have them. */
export function runParts(
  engine: EngineUnderTest,
): Pick<DriverParts, 'executor' | 'reporter' | 'announcer' | 'maxInterruptions'> {
  const { redact = (text: string): string => text, onError } = engine.declared;
  const { maxInterruptions } = workerOf(engine);
  const announcer = new RunAnnouncer(engine.get(Lifecycle));
  return {
    executor: new Executor(new OutcomePolicy(maxInterruptions, redact), defaultWorkerLimits.settleLimit, announcer),
    reporter: new RunReporter(redact, onError),
    announcer,
    maxInterruptions,
  };
}

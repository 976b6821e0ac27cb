import { EngineDatabase } from '../../engine/database/engine-database.js';
import { DeliveryStore } from '../../engine/deliveries/delivery-store.port.js';
import { RecentEvents } from '../../engine/deliveries/recent-events.js';
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
import { EventCatalogue } from '../../events/definition/event-catalogue.js';
import { SchemaKeeper } from '../../schema/schema-keeper.js';
import type { TestClock } from '../clock/test-clock.js';
import type { EngineUnderTest } from '../engine-under-test.js';
import { readEvent } from '../matching/read-event.js';
import type { DeliveredRun } from './delivered-run.js';
import { DeliveryDriver, type DriverParts } from './delivery-driver.js';
import { DrivenSession } from './driven-session.js';

const DEFAULT_INTERRUPTIONS = 10;

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
      session: new DrivenSession(database, engine.get(SchemaKeeper).names, clock),
      events: new EventReader(database, store, new RecentEvents(0)),
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

/** The parts that carry out a run, as the application's worker would have them. */
export function runParts(
  engine: EngineUnderTest,
): Pick<DriverParts, 'executor' | 'reporter' | 'announcer' | 'maxInterruptions'> {
  const { redact = (text: string): string => text, onError, worker } = engine.declared;
  const maxInterruptions = worker === false ? DEFAULT_INTERRUPTIONS : worker.maxInterruptions;
  const announcer = new RunAnnouncer(engine.get(Lifecycle));
  return {
    executor: new Executor(new OutcomePolicy(maxInterruptions, redact), defaultWorkerLimits.settleLimit, announcer),
    reporter: new RunReporter(redact, onError),
    announcer,
    maxInterruptions,
  };
}

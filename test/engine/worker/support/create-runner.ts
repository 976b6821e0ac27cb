import { ActivityRecorder } from '../../../../lib/engine/activity/activity-recorder.js';
import { PostgresActivityStore } from '../../../../lib/engine/activity/postgres-activity-store.js';
import type { ClaimedDelivery } from '../../../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome } from '../../../../lib/engine/deliveries/outcome.js';
import { Lifecycle } from '../../../../lib/engine/lifecycle/lifecycle.service.js';
import { Executor } from '../../../../lib/engine/worker/executor.js';
import { OutcomePolicy } from '../../../../lib/engine/worker/outcome-policy.js';
import { RunAnnouncer } from '../../../../lib/engine/worker/run-announcer.js';
import { RunReporter } from '../../../../lib/engine/worker/run-reporter.js';
import { Runner } from '../../../../lib/engine/worker/runner.js';
import { TransactionSlots } from '../../../../lib/engine/worker/transaction-slots.js';
import type { EngineFixture } from '../../../support/engine-fixture.js';

/** What of a runner a test decides. */
export interface RunnerOptions {
  readonly settleLimit: number;
  readonly slots: TransactionSlots;
  readonly settle: (delivery: ClaimedDelivery, outcome: Outcome) => void;
}

/** A runner on the stores of a fixture, without a worker around it. */
export function createRunner(fixture: EngineFixture, { settleLimit, slots, settle }: RunnerOptions): Runner {
  const { database, deliveries } = fixture;
  const policy = new OutcomePolicy(10, (text) => text);
  const announcer = new RunAnnouncer(new Lifecycle({ redact: undefined }));
  const store = new PostgresActivityStore(database, fixture.names, fixture.clock);
  return new Runner(
    {
      executor: new Executor(policy, settleLimit, announcer),
      policy,
      environment: { database, store: deliveries, transactionSlots: slots },
      reporter: new RunReporter((text) => text, undefined),
      announcer,
      settleLimit,
      groupLimit: 60_000,
    },
    new ActivityRecorder(store, { id: undefined, running: 0 }, 1_000_000),
    settle,
  );
}

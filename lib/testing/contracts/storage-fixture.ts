import type { ActivityStore } from '../../engine/activity/activity-store.port.js';
import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { DeliveryStore } from '../../engine/deliveries/delivery-store.port.js';
import type { EventStore } from '../../engine/deliveries/event-store.port.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import type { MaintenanceStore } from '../../engine/maintenance/maintenance-store.port.js';
import type { ReceiverControlStore } from '../../engine/receivers/receiver-control-store.port.js';
import type { RegistrationStore } from '../../engine/receivers/registration-store.port.js';
import type { WakeUp } from '../../engine/wake-up/wake-up.port.js';
import type { WorkerDirectory } from '../../engine/worker/worker-directory.port.js';
import type { JobStore } from '../../jobs/store/job-store.port.js';
import type { PendingStore } from '../../jobs/store/pending-store.port.js';
import type { TriggerStore } from '../../jobs/store/trigger-store.port.js';
import type { Disposable } from './contract-case.js';
import type { FragileSession } from './fragile-session.js';
import type { RecordedActivity } from './recorded-activity.js';

/**
 * A storage as the contract suites take it: empty, with every port on it. To check one port of one's own, put it in the place of that of
 * a storage that fulfils the contracts.
 *
 * @publicApi
 */
export interface StorageFixture extends Disposable {
  readonly events: EventStore;
  readonly deliveries: DeliveryStore;
  readonly registration: RegistrationStore;
  readonly jobs: JobStore;
  readonly triggers: TriggerStore;
  readonly pending: PendingStore;
  readonly controls: ReceiverControlStore;
  readonly maintenance: MaintenanceStore;
  readonly activity: ActivityStore;
  readonly directory: WorkerDirectory;
  readonly wakeUp: WakeUp;
  readonly clock: Clock;
  /** A connection without a transaction: each statement is committed at once. */
  readonly connection: EngineConnection;
  /** Runs `work` in a transaction, which commits when it resolves and rolls back when it rejects. */
  transaction<Result>(work: (connection: EngineConnection) => Promise<Result>): Promise<Result>;
  /** Moves the clock forward by milliseconds. */
  advance(milliseconds: number): void;
  /** Milliseconds to wait for what comes by itself, such as a notification; 30 seconds unless given. */
  readonly patience?: number;
  /** A session, not started yet, of a worker in another process than that of `wakeUp`. The fixture stops what a case leaves. */
  session(): WorkerSession;
  /** Such a session on a connection that can be cut. */
  fragile(): Promise<FragileSession>;
  /** Interruptions after which a delivery of such sessions is given up; few, as a case interrupts one so often. */
  readonly maxInterruptions: number;
  /** What was recorded of a receiver, in any order: the port itself only writes. */
  recorded(receiver: number): Promise<readonly RecordedActivity[]>;
}

import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { DeliveryStore } from '../../engine/deliveries/delivery-store.port.js';
import type { EventStore } from '../../engine/deliveries/event-store.port.js';
import type { WorkerSession } from '../../engine/liveness/worker-session.js';
import type { RegistrationStore } from '../../engine/receivers/registration-store.port.js';
import type { WakeUp } from '../../engine/wake-up/wake-up.port.js';
import type { JobStore } from '../../jobs/store/job-store.port.js';
import type { Disposable } from './contract-case.js';

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
}

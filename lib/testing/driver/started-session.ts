import type { WorkerSessions } from '../../engine/liveness/worker-sessions.port.js';
import type {
  ClaimAnswer,
  ReceiverDemand,
  WorkerSession,
  WorkerSessionListener,
} from '../../engine/liveness/worker-session.js';
import type { ResolvedWorkerOptions } from '../../options/resolved-jobs-options.js';

const nothing = (): void => undefined;

/** Claims are asked for when a test says so, so nothing needs to be told. */
const UNTOLD: WorkerSessionListener = {
  onWake: nothing,
  onStirred: nothing,
  onControls: nothing,
  onProven: nothing,
  onUnproven: nothing,
  onFenced: nothing,
  onRecovered: nothing,
  heldDeliveries: () => [],
  onNotice: nothing,
};

/** A session as workers have it, of whatever makes them, that begins with the first claim. */
export class StartedSession implements WorkerSession {
  readonly hearsNotifications = false;
  private session: WorkerSession | undefined;

  constructor(
    private readonly sessions: WorkerSessions,
    private readonly options: ResolvedWorkerOptions,
  ) {}

  get workerId(): number | undefined {
    return this.session?.workerId;
  }

  async start(listener: WorkerSessionListener): Promise<void> {
    const session = this.sessions.create(this.options);
    await session.start(listener);
    this.session = session;
  }

  async claim(demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    if (this.session === undefined) await this.start(UNTOLD);
    return this.session?.claim(demands) ?? { deliveries: [], nextDueIn: null };
  }

  isProven(): boolean {
    return this.session?.isProven() ?? false;
  }

  async stop(): Promise<void> {
    await this.session?.stop();
    this.session = undefined;
  }
}

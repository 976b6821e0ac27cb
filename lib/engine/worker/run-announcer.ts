import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import { deliveryId } from '../deliveries/claimed-delivery.js';
import type { SettledDelivery } from '../deliveries/outcome.js';
import type { LifecycleDelivery, LifecycleRun } from '../lifecycle/lifecycle-events.interface.js';
import type { Lifecycle } from '../lifecycle/lifecycle.service.js';
import type { ExecutedRun } from './executor.js';
import type { Run } from './run.js';

interface EndedRun {
  readonly told: LifecycleRun;
  readonly error: unknown;
}

/** Tells the application's listeners of runs: of their beginning at once, of their end when its outcome is written. */
export class RunAnnouncer {
  private readonly ended = new WeakMap<ClaimedDelivery, EndedRun>();

  constructor(private readonly lifecycle: Lifecycle) {}

  /** A receiver is about to be called. */
  started(run: Run): void {
    if (this.lifecycle.hears('started')) this.lifecycle.tell('started', describe(run));
  }

  /** A run has ended, but what it led to is not written yet. */
  finished(run: Run, { error }: Pick<ExecutedRun, 'error'>): void {
    if (!this.lifecycle.isHeard) return;
    this.ended.set(run.delivery, { told: { ...describe(run), duration: run.elapsed }, error });
  }

  /**
   * What became of a delivery is written, or was found to be another's to write.
   *
   * @param receiverId of the delivery's receiver, for one that was not run.
   */
  settled({ delivery, outcome }: SettledDelivery, held: boolean, receiverId: string): void {
    const { lifecycle } = this;
    if (!lifecycle.isHeard) return;
    const ended = this.ended.get(delivery);
    if (ended === undefined) {
      if (held && outcome.kind === 'dead')
        lifecycle.tell('dead', { ...describeUnread(delivery, receiverId), reason: outcome.reason });
      return;
    }
    const { told, error } = ended;
    if (!held) {
      lifecycle.tell('lost', told);
      return;
    }
    switch (outcome.kind) {
      case 'acknowledged':
      case 'committed':
        lifecycle.tell('succeeded', told);
        return;
      case 'postponed':
        if (outcome.failure !== null)
          lifecycle.tell('failed', {
            ...told,
            error,
            timedOut: outcome.failure.kind === 'timeout',
            outcome: 'retried',
          });
        lifecycle.tell('retried', { ...told, delay: outcome.delay, failed: outcome.failure !== null });
        return;
      case 'dead':
        if (outcome.failure !== null && outcome.failure.kind !== 'interrupted')
          lifecycle.tell('failed', { ...told, error, timedOut: outcome.failure.kind === 'timeout', outcome: 'dead' });
        lifecycle.tell('dead', { ...told, reason: outcome.reason });
        return;
      case 'discarded':
        lifecycle.tell('discarded', { ...told, reason: outcome.reason });
        return;
      case 'interrupted':
        lifecycle.tell('interrupted', told);
        return;
      case 'lost':
        lifecycle.tell('lost', told);
    }
  }
}

function describe(run: Run): LifecycleDelivery {
  const { deliveryId: id, eventId, eventName, receiverId, attempt, correlationId, tenant, key } = run;
  return { deliveryId: id, eventId, eventName, receiverId, attempt, correlationId, tenant, key };
}

/** One whose event could not be read. */
function describeUnread(delivery: ClaimedDelivery, receiverId: string): LifecycleDelivery {
  return {
    deliveryId: deliveryId(delivery),
    eventId: delivery.eventId,
    eventName: null,
    receiverId,
    attempt: delivery.attempts + 1,
    correlationId: null,
    tenant: null,
    key: null,
  };
}

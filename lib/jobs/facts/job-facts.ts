import type { EntityManager } from 'typeorm';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { EmitInput } from '../../engine/deliveries/emit-input.js';
import type { EventStore } from '../../engine/deliveries/event-store.port.js';
import type { EmissionAnnouncer } from '../../engine/lifecycle/emission-announcer.js';
import type { AfterCommitSubscriber } from '../../engine/wake-up/after-commit.subscriber.js';
import type { WakeUp } from '../../engine/wake-up/wake-up.port.js';
import { candidatePatterns } from '../../events/definition/event-name.js';
import type { Job } from '../model/job.js';
import { factEventName, type JobFact, type JobFactName, factPattern } from './job-fact.js';

const PRIORITY = 4;

/** Tells what happened to jobs, as reliable events of the transaction in which it happened. */
export class JobFacts {
  private readonly wake = (): void => this.wakeUp.wake();
  /** What to call when a transaction without a manager commits. */
  private readonly waiting = new WeakMap<EngineConnection, (() => void)[]>();

  /** @param retention milliseconds for which the events are kept. */
  constructor(
    private readonly events: EventStore,
    private readonly afterCommit: AfterCommitSubscriber,
    private readonly wakeUp: WakeUp,
    private readonly announcer: EmissionAnnouncer,
    private readonly retention: number,
  ) {}

  /**
   * Emits one event for each job.
   *
   * @param manager whose transaction it is; with `undefined` whoever commits calls {@link committed}.
   */
  async tell(
    manager: EntityManager | undefined,
    connection: EngineConnection,
    fact: JobFactName,
    jobs: readonly Job[],
    actor: string,
  ): Promise<void> {
    if (jobs.length === 0) return;
    const inputs = jobs.map((job) => this.input(fact, job, actor));
    const written = await this.events.append(connection, inputs, false);
    this.after(manager, connection, this.wake);
    const announce = this.announcer.afterCommit(inputs, written);
    if (announce !== undefined) this.after(manager, connection, announce);
  }

  /** A transaction that no manager is for has committed: workers look for deliveries. */
  committed(connection: EngineConnection): void {
    for (const callback of this.waiting.get(connection) ?? []) callback();
    this.waiting.delete(connection);
  }

  private after(manager: EntityManager | undefined, connection: EngineConnection, callback: () => void): void {
    if (manager === undefined) this.waiting.set(connection, [...(this.waiting.get(connection) ?? []), callback]);
    else this.afterCommit.after(manager, callback);
  }

  private input(fact: JobFactName, job: Job, actor: string): EmitInput {
    const name = factEventName(fact);
    const payload: JobFact = {
      jobId: job.id,
      type: job.type,
      targetType: job.targetType,
      targetId: job.targetId,
      key: job.key,
      assignee: job.assignee,
      claimedBy: job.claimedBy,
      outcome: job.outcome,
      closeReason: job.closeReason,
      actor,
      version: job.version,
    };
    return {
      name,
      version: 1,
      patterns: [...candidatePatterns(name), factPattern(fact, job.type)],
      payload: JSON.stringify(payload),
      options: {
        priority: PRIORITY,
        retain: this.retention,
        ...(job.tenant === '' ? {} : { tenant: job.tenant }),
      },
    };
  }
}

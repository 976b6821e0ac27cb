import type { DataSource, EntitySubscriberInterface, RemoveEvent, SoftRemoveEvent } from 'typeorm';
import type { JobRemovals } from './job-removals.js';

/**
 * Cancels the pending jobs of an entity in the transaction that removes it. Extend it for each entity that jobs are about, and provide it:
 *
 * ```ts
 * @Injectable()
 * export class AccountJobs extends JobTargetSubscriber<Account> {
 *   constructor(@InjectDataSource() dataSource: DataSource, removals: JobRemovals) {
 *     super(dataSource, removals, Account);
 *   }
 * }
 * ```
 *
 * It hears of `manager.remove` and `manager.softRemove`. What is deleted past the entity manager, by a query or a cascade of the
 * database, is found by the sweep a little later.
 *
 * @publicApi
 */
export abstract class JobTargetSubscriber<Entity extends object> implements EntitySubscriberInterface<Entity> {
  /** @param entity class whose removals it hears of; those of its subclasses, too. */
  constructor(
    dataSource: DataSource,
    private readonly removals: JobRemovals,
    private readonly entity: abstract new (...args: never[]) => Entity,
  ) {
    dataSource.subscribers.push(this);
  }

  listenTo(): abstract new (...args: never[]) => Entity {
    return this.entity;
  }

  async beforeRemove(event: RemoveEvent<Entity>): Promise<void> {
    await this.cancelJobs(event);
  }

  async beforeSoftRemove(event: SoftRemoveEvent<Entity>): Promise<void> {
    await this.cancelJobs(event);
  }

  /** Without an entity it was deleted by a query, which tells nobody which rows these were. */
  private async cancelJobs({ entity, manager }: RemoveEvent<Entity>): Promise<void> {
    if (entity !== undefined) await this.removals.cancelJobsOf(entity, { manager });
  }
}

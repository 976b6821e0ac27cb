import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { type DeliveryContext, NonRetryableError } from '../../../lib/index.js';
import type { Journal } from '../history/journal.js';

/** What one receiver does with one event. */
export interface Part {
  /** How often it fails before it succeeds. */
  readonly fails?: number;
  /** Whether it fails after its effect was written, and before that is committed. */
  readonly afterEffect?: boolean;
  /** Milliseconds it takes. */
  readonly takes?: number;
  /** Whether it goes on when it is told to stop. */
  readonly deaf?: boolean;
  /** It never succeeds: `final` says so, `hopeless` fails until it has no attempt left. */
  readonly poison?: 'final' | 'hopeless';
}

class PlannedFailure extends Error {}

type Query = Pick<EntityManager | DataSource, 'query'>;

let runs = 0;

/** Plays a part in a run, and writes down that it began, what it wrote and how it ended. */
export class RecordedRun {
  private readonly run: string;

  constructor(
    private readonly journal: Journal,
    private readonly receiver: string,
    private readonly emission: string,
    private readonly context: DeliveryContext,
    private readonly part: Part = {},
  ) {
    this.run = `${journal.process}/${++runs}`;
  }

  /** @param write where the effect is written, by whatever the receiver's transaction is. */
  async play(write: (effect: (query: Query) => Promise<void>) => Promise<void>): Promise<void> {
    const { run, emission, receiver } = this;
    const { deliveryId, attempt } = this.context;
    this.journal.write({ kind: 'run.began', run, emission, receiver, delivery: deliveryId ?? '', attempt });
    try {
      await this.perform(write);
    } catch (error) {
      this.journal.write({ kind: 'run.ended', run, how: 'threw' });
      throw error;
    }
    this.journal.write({ kind: 'run.ended', run, how: 'returned' });
  }

  private async perform(write: (effect: (query: Query) => Promise<void>) => Promise<void>): Promise<void> {
    const { poison, takes = 0, fails = 0, afterEffect = false, deaf = false } = this.part;
    if (poison === 'final') throw new NonRetryableError('planned');
    if (poison === 'hopeless') throw new PlannedFailure('planned');
    if (takes > 0) await sleep(takes, undefined, deaf ? {} : { signal: this.context.signal });
    const failing = this.context.attempt <= fails;
    if (failing && !afterEffect) throw new PlannedFailure('planned');
    await write(async (query) => {
      await query.query('insert into chaos_effect (emission, receiver, delivery, process) values ($1, $2, $3, $4)', [
        this.emission,
        this.receiver,
        this.context.deliveryId,
        this.journal.process,
      ]);
      if (failing) throw new PlannedFailure('planned');
    });
  }
}

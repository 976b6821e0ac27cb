import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type Provider } from '@nestjs/common';
import {
  type DeliveryContext,
  type Job,
  OnJobCompleted,
  OnJobExpired,
  OnJobRequested,
  type TransactionalContext,
} from '../../../../lib/index.js';
import { closedOnce } from '../../checker/rules/jobs/closed-once.rule.js';
import { expiresInTime } from '../../checker/rules/jobs/expires-in-time.rule.js';
import { heardOfOnce } from '../../checker/rules/jobs/heard-of-once.rule.js';
import { requestedIfCommitted } from '../../checker/rules/jobs/requested-if-committed.rule.js';
import { RecordedRun } from '../recorded-run.js';
import type { EmittingStage } from '../emitting-stage.js';
import type { ReceivingStage, Workload } from '../workload.js';
import { Visit, VisitMade } from './visit.js';

const retry = { attempts: 1_000, backoff: 'fixed', delay: 100 } as const;

/** Milliseconds after which visits expire. */
const EXPIRY = [500, 4_000] as const;

/** Jobs that are requested, completed by hand and by an event, both at once, or expire, at the very moment of their completion too. */
export const visits: Workload = {
  name: 'visits',
  tables: ['jobs_job', 'jobs_job_history'],
  unfinished: `select count(*)::int4 as count from jobs_job where status = 'pending'`,
  rules: [closedOnce, expiresInTime, heardOfOnce, requestedIfCommitted],
  providers({ journal }: ReceivingStage): readonly Provider[] {
    @Injectable()
    class Hosts {
      @OnJobRequested(Visit, { id: 'visit.welcome', transactional: true, retry })
      async welcome(job: Job, context: TransactionalContext): Promise<void> {
        await new RecordedRun(journal, 'welcome', `job:${job.id}`, context).play((effect) => effect(context.manager));
      }

      @OnJobCompleted(Visit, { id: 'visit.thank', retry })
      async thank(job: Job, context: DeliveryContext): Promise<void> {
        await new RecordedRun(journal, 'thank', `job:${job.id}`, context).play((effect) => context.transaction(effect));
      }

      @OnJobExpired(Visit, { id: 'visit.regret', transactional: true, retry })
      async regret(job: Job, context: TransactionalContext): Promise<void> {
        await new RecordedRun(journal, 'regret', `job:${job.id}`, context).play((effect) => effect(context.manager));
      }
    }
    return [Visit, Hosts];
  },
  async step(stage) {
    const { dice } = stage;
    const expiresIn = dice.between(...EXPIRY);
    const visit = await stage.emit({
      workload: 'visits',
      receivers: [],
      emit: (id, manager) => stage.jobs.request(Visit, { target: { type: 'visit', id }, expiresIn, manager }),
    });
    if (visit === undefined || dice.chance(0.3)) return;
    // A share is made at the moment of its expiry.
    await sleep(dice.chance(0.3) ? expiresIn : dice.between(0, Math.min(expiresIn, 500)));
    await make(stage, visit);
  },
};

/** The visit is made, which may be told in two ways at the same time. */
async function make({ dice, jobs, events }: EmittingStage, id: string): Promise<void> {
  const byHand = async (): Promise<unknown> => jobs.complete(Visit, { target: { type: 'visit', id } });
  const byEvent = async (): Promise<unknown> => events.emit(new VisitMade(id));
  const ways = dice.pick([[byHand], [byEvent], [byHand, byEvent], [byHand, byHand]]);
  await Promise.allSettled(ways.map((way) => way()));
}

import { JobsError } from '../../errors/jobs.error.js';
import type { Job } from '../model/job.js';
import type { JobTypeRegistry, RegisteredJobType } from '../types/job-type.registry.js';
import type { JobChanges, WrittenIn } from '../verbs/job-changes.js';
import { JobRequests } from '../verbs/job-requests.js';

interface PlanStep {
  readonly plan: string;
  readonly step: number;
}

/**
 * Plans are what types of job say of themselves: the name of a plan and a step in it. A step that is done, or skipped, requests the next
 * one about the same target, in the same transaction.
 *
 * What the next step is, is decided at that moment by the types this application provides, so that adding or removing a class adds or
 * removes a step. A step that was ever requested about a target and key is not requested again by the plan.
 */
export class JobPlans {
  constructor(private readonly types: JobTypeRegistry) {}

  /**
   * Finds plans that could not go on.
   *
   * @throws JobsError when types of one plan are about different entities, or a later step cannot be requested without metadata.
   */
  async check(): Promise<void> {
    const planned = this.types.all().filter(({ definition }) => stepOf(definition) !== undefined);
    for (const type of planned) {
      const { name, plan, target } = type.definition;
      const siblings = planned.filter(({ definition }) => definition.plan === plan);
      const other = siblings.find(({ definition }) => definition.target !== target);
      if (other !== undefined) {
        throw new JobsError(
          `plan "${String(plan)}": ${name} and ${other.definition.name} are steps of it, but not about the same target; ` +
            'give both the same option target, or another plan to one of them.',
        );
      }
      if (siblings.some(({ definition }) => (definition.step ?? 0) < (type.definition.step ?? 0)))
        await checkAlone(type);
    }
  }

  /** Requests what follows jobs that were just done. */
  async advance(changes: JobChanges, transaction: WrittenIn, done: readonly Job[]): Promise<void> {
    for (const job of done) {
      for (const type of this.following(job)) await new JobRequests(changes).requestStep(transaction, type, job);
    }
  }

  /** The types of the step after a job's; of a type that is no longer provided, what it was requested as counts. */
  private following(job: Job): readonly RegisteredJobType[] {
    const current = stepOf(this.types.find(job.type)?.definition ?? job);
    if (current === undefined) return [];
    const later = this.types
      .all()
      .filter(({ definition: { plan, step } }) => plan === current.plan && step !== null && step > current.step);
    const next = Math.min(...later.map(({ definition }) => definition.step ?? Infinity));
    return later.filter(({ definition }) => definition.step === next);
  }
}

function stepOf({ plan, step }: Pick<Job, 'plan' | 'step'>): PlanStep | undefined {
  return plan === null || step === null ? undefined : { plan, step };
}

/** A plan knows no metadata to request its steps with. */
async function checkAlone({ definition: { name, plan, metadata } }: RegisteredJobType): Promise<void> {
  const { issues } = (await metadata?.['~standard'].validate({})) ?? {};
  if (issues === undefined) return;
  throw new JobsError(
    `plan "${String(plan)}": ${name} is requested by the plan, without metadata, which its schema refuses ` +
      `(${issues.map(({ message }) => message).join('; ')}); make its fields optional or give them defaults.`,
  );
}

import { Entity, PrimaryColumn } from 'typeorm';
import { z } from 'zod';
import type { JobsService } from '../../lib/jobs/jobs.service.js';
import type { Job } from '../../lib/jobs/model/job.js';
import type { ActorJobs } from '../../lib/jobs/policy/actor-jobs.js';
import { JobType } from '../../lib/jobs/types/job-type.decorator.js';

@Entity()
class Account {
  @PrimaryColumn('text')
  id!: string;
}

const refund = z.object({ amount: z.string().transform(Number), reason: z.string().default('unsaid') });
const verdict = z.object({ text: z.string() });
const optional = z.object({ hint: z.string().optional() });

@JobType('typed.by-schema', { metadata: refund, result: verdict, outcomes: ['granted', 'refused'] })
class BySchema {
  declare metadata: typeof refund;
  declare result: typeof verdict;
  declare outcome: 'granted' | 'refused';
}

@JobType('typed.by-declaration', { outcomes: ['done'] })
class ByDeclaration {
  declare metadata: { amount: number };
  declare result: number;
  declare outcome: 'done';
}

@JobType('typed.by-output', { metadata: verdict })
class ByOutput {
  declare metadata: { text: string };
}

@JobType('typed.optional', { metadata: optional })
class Optional {
  declare metadata: typeof optional;
}

@JobType('typed.not', { target: Account, assignee: ({ id }) => `user:${id}`, metadata: verdict })
class Untyped {
  isDone(): boolean {
    return true;
  }
}

/** Checked by `tsc`, never called. */
export async function accepted(jobs: JobsService, acting: ActorJobs): Promise<void> {
  const { job } = await jobs.request(BySchema, { metadata: { amount: '7' } });
  const amount: number = job.metadata.amount;
  const reason: string = job.metadata.reason;
  const text: string | undefined = job.result?.text;
  const { jobs: completed } = await jobs.complete(BySchema, { outcome: 'granted', result: { text: '' }, metadata: {} });
  const typed: readonly Job<{ amount: number; reason: string }, { text: string }>[] = completed;
  await jobs.request(ByDeclaration, { metadata: { amount: 7 }, dueIn: '1d' });
  await jobs.complete(ByDeclaration, { outcome: 'done', result: 7, metadata: { amount: 8 } });
  await jobs.request(ByOutput, { metadata: { text: '' } });
  await jobs.request(Optional);
  await jobs.request(Optional, { metadata: { hint: 'x' } });
  await jobs.request(Untyped, { target: 'a', metadata: { anything: 1 } });
  await jobs.request(Untyped, { target: 'a' });
  await jobs.raise(ByDeclaration, { metadata: { amount: 7 } });
  await jobs.ensureCompleted(BySchema, { outcome: 'refused' });
  const [first, second] = await jobs.requestMany([{ type: BySchema, metadata: { amount: '7' } }, { type: Optional }]);
  const firstAmount: number = first.job.metadata.amount;
  const hint: string | undefined = second.job.metadata.hint;
  await acting.request(BySchema, { metadata: { amount: '7' } });
  await acting.complete(ByDeclaration, { outcome: 'done' });
  expect([amount, reason, text, typed, firstAmount, hint]).toHaveLength(6);
}

/** Checked by `tsc`, never called: each line is an error, or the comment above it is one. */
export function refused(jobs: JobsService, acting: ActorJobs): unknown[] {
  return [
    // @ts-expect-error the schema's output in place of its input
    jobs.request(BySchema, { metadata: { amount: 7 } }),
    // @ts-expect-error metadata that the schema demands
    jobs.request(BySchema, {}),
    // @ts-expect-error no options where metadata is demanded
    jobs.request(BySchema),
    // @ts-expect-error metadata of another type
    jobs.request(ByDeclaration, { metadata: { amount: '7' } }),
    // @ts-expect-error an option that does not exist
    jobs.request(Optional, { dueAfter: '1d' }),
    // @ts-expect-error an assignee that is no principal
    jobs.request(Optional, { assignee: 'anna' }),
    // @ts-expect-error an outcome of another type
    jobs.complete(BySchema, { outcome: 'done' }),
    // @ts-expect-error a result of another type
    jobs.complete(ByDeclaration, { result: 'seven' }),
    // @ts-expect-error metadata of another type
    jobs.complete(ByDeclaration, { metadata: { amount: 'x' } }),
    // @ts-expect-error a transaction to join
    jobs.raise(Optional, { manager: undefined as never as import('typeorm').EntityManager }),
    // @ts-expect-error metadata of another type among several
    jobs.requestMany([{ type: BySchema, metadata: { amount: 7 } }]),
    // @ts-expect-error who acts is known
    acting.request(Optional, { by: 'user:1' }),
    // @ts-expect-error metadata that is demanded of actors, too
    acting.request(ByDeclaration, {}),
  ];
}

/** Checked by `tsc`: what a class declares must agree with the decorator. */
export function disagreeing(): unknown[] {
  // @ts-expect-error metadata that the schema does not give
  @JobType('typed.wrong-metadata', { metadata: verdict })
  class WrongMetadata {
    declare metadata: { text: number };
  }

  // @ts-expect-error what the schema gives, where it takes something else
  @JobType('typed.output-only', { metadata: refund })
  class OutputOnly {
    declare metadata: { amount: number; reason: string };
  }

  // @ts-expect-error another schema's result
  @JobType('typed.wrong-result', { result: verdict })
  class WrongResult {
    declare result: typeof refund;
  }

  // @ts-expect-error an outcome too few
  @JobType('typed.outcome-missing', { outcomes: ['a', 'b'] })
  class OutcomeMissing {
    declare outcome: 'a';
  }

  // @ts-expect-error an outcome too many
  @JobType('typed.outcome-unknown', { outcomes: ['a'] })
  class OutcomeUnknown {
    declare outcome: 'a' | 'b';
  }

  // @ts-expect-error outcomes that the decorator does not know
  @JobType('typed.outcome-undeclared')
  class OutcomeUndeclared {
    declare outcome: 'a';
  }
  return [WrongMetadata, OutputOnly, WrongResult, OutcomeMissing, OutcomeUnknown, OutcomeUndeclared];
}

it('is checked by the compiler', () => {
  expect([accepted, refused, disagreeing, Untyped]).toHaveLength(4);
});

import type { JobJson } from '../model/job.js';

/**
 * A class decorated with `@JobType`. What it declares of `metadata`, `result` and `outcome` types its jobs:
 *
 * ```ts
 * @JobType('refund.review', { metadata: z.object({ amount: z.number() }), outcomes: ['granted', 'refused'] })
 * export class ReviewRefund {
 *   declare metadata: { amount: number };
 *   declare outcome: 'granted' | 'refused';
 * }
 * ```
 *
 * @publicApi
 */
export type JobTypeClass<Instance extends object = object> = abstract new (...args: never[]) => Instance;

/**
 * Metadata of a type's jobs.
 *
 * @publicApi
 */
export type MetadataOf<Type extends JobTypeClass> =
  InstanceType<Type> extends { metadata: infer Metadata extends object } ? Metadata : JobJson;

/**
 * Result of a type's jobs.
 *
 * @publicApi
 */
export type ResultOf<Type extends JobTypeClass> =
  InstanceType<Type> extends { result: infer Result } ? Result : unknown;

/**
 * Outcomes of a type's jobs.
 *
 * @publicApi
 */
export type OutcomeOf<Type extends JobTypeClass> =
  InstanceType<Type> extends { outcome: infer Outcome extends string } ? Outcome : string;

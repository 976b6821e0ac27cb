import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JobJson } from '../model/job.js';

/**
 * A class decorated with `@JobType`. What it declares of `metadata`, `result` and `outcome` types its jobs; a schema stands for what it
 * takes and what it gives, and the decorator sees to it that they agree with its options:
 *
 * ```ts
 * const refund = z.object({ amount: z.number() });
 *
 * @JobType('refund.review', { metadata: refund, outcomes: ['granted', 'refused'] })
 * export class ReviewRefund {
 *   declare metadata: typeof refund;
 *   declare outcome: 'granted' | 'refused';
 * }
 * ```
 *
 * @publicApi
 */
export type JobTypeClass<Instance extends object = object> = abstract new (...args: never[]) => Instance;

// TypeScript's own `InstanceType` makes `any` of classes whose parameters are not known.
type InstanceOf<Type extends JobTypeClass> = Type extends JobTypeClass<infer Instance> ? Instance : never;

type DeclaredMetadata<Type extends JobTypeClass, Otherwise> =
  InstanceOf<Type> extends { metadata: infer Declaration } ? Declaration : Otherwise;

type DeclaredResult<Type extends JobTypeClass, Otherwise> =
  InstanceOf<Type> extends { result: infer Declaration } ? Declaration : Otherwise;

type DeclaredOutcome<Type extends JobTypeClass, Otherwise> =
  InstanceOf<Type> extends { outcome: infer Declaration } ? Declaration : Otherwise;

type OutputOf<Declaration> = Declaration extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Declaration>
  : Declaration;

type InputOf<Declaration> = Declaration extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Declaration>
  : Declaration;

/**
 * Metadata of a type's jobs.
 *
 * @publicApi
 */
export type MetadataOf<Type extends JobTypeClass> = OutputOf<DeclaredMetadata<Type, JobJson>>;

/**
 * Metadata as a request of the type takes it: before the schema.
 *
 * @publicApi
 */
export type MetadataInputOf<Type extends JobTypeClass> = InputOf<DeclaredMetadata<Type, JobJson>>;

/**
 * Result of a type's jobs.
 *
 * @publicApi
 */
export type ResultOf<Type extends JobTypeClass> = OutputOf<DeclaredResult<Type, unknown>>;

/**
 * Result as a completion takes it: before the schema.
 *
 * @publicApi
 */
export type ResultInputOf<Type extends JobTypeClass> = InputOf<DeclaredResult<Type, unknown>>;

/**
 * Outcomes of a type's jobs.
 *
 * @publicApi
 */
export type OutcomeOf<Type extends JobTypeClass> = DeclaredOutcome<Type, string> & string;

/** Whether what a class declares is what the schema of the decorator takes and gives. */
type AgreesWithSchema<Declaration, Schema extends StandardSchemaV1> = [Declaration] extends [undefined]
  ? true
  : StandardSchemaV1 extends Schema
    ? true
    : [InputOf<Declaration>, StandardSchemaV1.InferOutput<Schema>] extends [
          StandardSchemaV1.InferInput<Schema>,
          OutputOf<Declaration>,
        ]
      ? true
      : false;

type AgreesWithOutcomes<Declaration, Outcome extends string> = [Declaration] extends [undefined]
  ? true
  : string extends Outcome
    ? false
    : [Declaration, Outcome] extends [Outcome, Declaration]
      ? true
      : false;

/**
 * What a class must also be to bear the decorator: nothing more when its declarations agree with the options, or else something that no
 * class is and that says what to do.
 */
export type Agreement<
  Type extends JobTypeClass,
  Metadata extends StandardSchemaV1,
  Result extends StandardSchemaV1,
  Outcome extends string,
> = (AgreesWithSchema<DeclaredMetadata<Type, undefined>, Metadata> extends true
  ? unknown
  : { readonly metadata: 'declare metadata: typeof the schema given to @JobType' }) &
  (AgreesWithSchema<DeclaredResult<Type, undefined>, Result> extends true
    ? unknown
    : { readonly result: 'declare result: typeof the schema given to @JobType' }) &
  (AgreesWithOutcomes<DeclaredOutcome<Type, undefined>, Outcome> extends true
    ? unknown
    : { readonly outcome: 'declare outcome: exactly the outcomes given to @JobType' });

import { Injectable } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventReference } from '../../events/definition/event-types.js';
import { JobsError } from '../../errors/jobs.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import type { TargetClass } from '../targets/target-resolver.js';
import { JobChecks } from '../verbs/job-checks.js';
import type { Agreement, JobTypeClass } from './job-type-class.js';
import { type JobTypeDefinition, resolveJobType } from './job-type-definition.js';
import type { JobTypeOptions } from './job-type-options.interface.js';

const JOB_TYPE = Symbol.for('nestjs-jobs:job-type');
const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const NAME_LIMIT = 100;

/**
 * Declares a type of job on a provider; it implies `@Injectable()`.
 *
 * @param name says what is to be done, in dotted lower-case segments of at most 100 characters: `onboarding.add-payment-method`.
 * @throws JobsError when name or options cannot be used.
 * @publicApi
 */
export function JobType<
  RequestOn extends EventReference = EventReference,
  CompleteOn extends EventReference = EventReference,
  CancelOn extends EventReference = EventReference,
  Metadata extends StandardSchemaV1 = StandardSchemaV1,
  Result extends StandardSchemaV1 = StandardSchemaV1,
  const Outcome extends string = string,
  Target extends TargetClass = never,
>(
  name: string,
  options: JobTypeOptions<RequestOn, CompleteOn, CancelOn, Metadata, Result, Outcome, Target> = {},
): <Type extends JobTypeClass>(target: Type & Agreement<Type, Metadata, Result, Outcome>) => void {
  return (target) => {
    const definition = resolveJobType(checkJobTypeName(name), options, new JobChecks(`@JobType('${name}')`));
    Reflect.defineProperty(target, JOB_TYPE, { value: definition });
    Injectable()(target);
  };
}

/** The definition a class was decorated with; a subclass does not inherit it. */
export function jobTypeOf(target: JobTypeClass): JobTypeDefinition | undefined {
  const definition: unknown = Object.getOwnPropertyDescriptor(target, JOB_TYPE)?.value;
  return definition as JobTypeDefinition | undefined;
}

function checkJobTypeName(name: unknown): string {
  if (typeof name === 'string' && name.length <= NAME_LIMIT && NAME.test(name)) return name;
  const given = typeof name === 'string' ? JSON.stringify(name.slice(0, NAME_LIMIT)) : kindOf(name);
  throw new JobsError(
    `@JobType: ${given} is not the name of a job type; use lower-case segments of letters, digits, _ and - with dots between, ` +
      `at most ${NAME_LIMIT} characters, such as onboarding.add-payment-method.`,
  );
}

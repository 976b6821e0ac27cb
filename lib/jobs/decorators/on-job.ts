import type { DeliveryContext, TransactionalContext } from '../../engine/deliveries/delivery-context.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { JobsError } from '../../errors/jobs.error.js';
import { declareReceiver, type ReceiverDecorator } from '../../events/declare-receiver.js';
import type { GroupCommit, OnReliableEventOptions } from '../../events/on-reliable-event-options.interface.js';
import type { JobFactName } from '../facts/job-fact.js';
import type { Job } from '../model/job.js';
import type { JobTypeClass, MetadataOf, ResultOf } from '../types/job-type-class.js';
import { JOB_FACT_DECLARATIONS, type JobFactDeclaration } from './job-fact-declaration.js';

/**
 * Makes a method of a provider or controller a durable receiver of what happens to jobs, with the options, retries, transactions and dead
 * letters of `@OnReliableEvent`. It is given the job as it is when it runs, which may be later than what it hears of; a job that is gone
 * by then is discarded.
 *
 * Decorators stack; under one id they are one receiver.
 *
 * @publicApi
 */
export interface OnJobDecorator {
  /** Hears of jobs of one type; writes through `context.manager` commit together with the acknowledgement. */
  <Type extends JobTypeClass>(
    type: Type,
    options: OnReliableEventOptions & { readonly transactional: true | GroupCommit },
  ): ReceiverDecorator<Job<MetadataOf<Type>, ResultOf<Type>>, TransactionalContext>;
  /** Hears of jobs of one type. */
  <Type extends JobTypeClass>(
    type: Type,
    options?: OnReliableEventOptions,
  ): ReceiverDecorator<Job<MetadataOf<Type>, ResultOf<Type>>, DeliveryContext>;
  /** Hears of jobs of every type; writes through `context.manager` commit together with the acknowledgement. */
  (
    options: OnReliableEventOptions & { readonly transactional: true | GroupCommit },
  ): ReceiverDecorator<Job, TransactionalContext>;
  /** Hears of jobs of every type. */
  (options?: OnReliableEventOptions): ReceiverDecorator<Job, DeliveryContext>;
}

/** Makes the decorator of one fact. */
export function onJob(decorator: string, fact: JobFactName): OnJobDecorator {
  return (...given: readonly unknown[]) => {
    const [first] = given;
    if (given.length > 0 && first === undefined) throw new JobsError(undefinedType(decorator));
    const [type, options = {}] = isType(first) ? [first, given[1]] : [undefined, first];
    if (typeof options !== 'object' || options === null) {
      throw new JobsError(`@${decorator}: the options must be an object, but are ${kindOf(options)}.`);
    }
    return declareReceiver(JOB_FACT_DECLARATIONS, decorator, { fact, type, options } satisfies JobFactDeclaration);
  };
}

function isType(value: unknown): value is JobTypeClass {
  return typeof value === 'function';
}

/** It must not become a receiver of every type by mistake. */
function undefinedType(decorator: string): string {
  return (
    `@${decorator} was given undefined as the type, which often comes from files that import each other. ` +
    `Write @${decorator}() to hear of jobs of every type.`
  );
}

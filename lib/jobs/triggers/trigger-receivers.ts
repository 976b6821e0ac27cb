import { Injectable } from '@nestjs/common';
import type { Receiver } from '../../engine/receivers/receiver.js';
import { ReceiverRegistry } from '../../engine/receivers/receiver-registry.js';
import { printableName } from '../../engine/text/kind-of.js';
import { InvalidReceiverError } from '../../errors/invalid-receiver.error.js';
import { matchesPattern } from '../../events/definition/event-name.js';
import type { EventReference } from '../../events/definition/event-types.js';
import { eventDefinitionOfClass } from '../../events/definition/reliable-event.decorator.js';
import { ReceiverFactory } from '../../events/receiver.factory.js';
import { resolveReceiverOptions } from '../../events/receiver-options.js';
import { OptionChecks } from '../../options/option-checks.js';
import { factEventName, JOB_FACTS } from '../facts/job-fact.js';
import type { JobTarget } from '../targets/job-target.js';
import type { JobTypeDefinition } from '../types/job-type-definition.js';
import type { JobTrigger } from '../types/job-type-options.interface.js';
import { JobTypeRegistry, type RegisteredJobType } from '../types/job-type.registry.js';
import { EventJobs, type TriggerVerb } from './event-jobs.js';
import { isPermanentFailure } from './permanent-failure.js';

const TRIGGERS = {
  requestOn: { verb: 'request', prefix: 'jobs.request-on' },
  completeOn: { verb: 'complete', prefix: 'jobs.complete-on' },
  cancelOn: { verb: 'cancel', prefix: 'jobs.cancel-on' },
} as const satisfies Partial<Record<keyof JobTypeDefinition, { verb: TriggerVerb; prefix: string }>>;

type TriggerOption = keyof typeof TRIGGERS;

const OPTIONS: readonly TriggerOption[] = ['requestOn', 'completeOn', 'cancelOn'];

/** Makes durable receivers of the events that types of job name, one for each type, verb and event. */
@Injectable()
export class TriggerReceivers {
  private registered = false;

  constructor(
    private readonly types: JobTypeRegistry,
    private readonly factory: ReceiverFactory,
    private readonly registry: ReceiverRegistry,
    private readonly jobs: EventJobs,
  ) {}

  /** Registers them, once however often it is asked. */
  register(): void {
    if (this.registered) return;
    this.registered = true;
    for (const type of this.types.all()) {
      for (const option of OPTIONS) {
        for (const triggers of byEvent(type.definition[option])) this.registerOne(type, option, triggers);
      }
    }
  }

  private registerOne(type: RegisteredJobType, option: TriggerOption, triggers: readonly JobTrigger[]): void {
    const className = printableName(type.target.name);
    const checks = new OptionChecks(`${className}.${option}`);
    this.registry.add(this.create(type, option, triggers, checks), {
      declaredBy: type.target,
      className,
      methodName: option,
      moduleName: type.definition.name,
    });
  }

  private create(
    type: RegisteredJobType,
    option: TriggerOption,
    triggers: readonly JobTrigger[],
    checks: OptionChecks,
  ): Receiver {
    const { verb, prefix } = TRIGGERS[option];
    const declarations = triggers.map(({ event }) => ({ event, options: {} }));
    const reception = this.factory.receptionOf(`${prefix}:${type.definition.name}`, declarations, checks);
    const pattern = reception.subscriptions.map((subscription) => subscription.pattern).join(',');
    refuseFacts(pattern, checks);
    return {
      id: `${prefix}:${type.definition.name}:${pattern}`,
      subscriptions: reception.subscriptions,
      // Requests and events are put in order by the ids of events, which what is sent in process has not.
      reach: 'reliable',
      // It opens its transaction when the event is about one of its jobs, and only then.
      ...resolveReceiverOptions({ transactional: false, retry: { nonRetryable: isPermanentFailure } }, checks),
      invoke: async (stored, context) => {
        const event: unknown = await reception.decode(stored, context);
        const targets = targetsOf(triggers, event);
        const { id, tenant } = stored;
        if (targets.length === 0 || id === null) return;
        await context.transaction(async (manager) => {
          // What waited for its turn must see what was done meanwhile, whatever the database's default is.
          await manager.query('set transaction isolation level read committed');
          for (const target of targets) await this.jobs.apply(verb, type, { id, tenant, target }, manager);
        });
      },
    };
  }
}

/** Triggers of one event are one receiver, however they name it. */
function byEvent(triggers: readonly JobTrigger[]): readonly (readonly JobTrigger[])[] {
  const grouped = new Map<unknown, JobTrigger[]>();
  for (const trigger of triggers) {
    const name = nameOf(trigger.event);
    grouped.set(name, [...(grouped.get(name) ?? []), trigger]);
  }
  return [...grouped.values()];
}

function nameOf(event: EventReference): unknown {
  if (typeof event === 'string') return event;
  return typeof event === 'function' ? (eventDefinitionOfClass(event)?.name ?? event) : event.name;
}

function targetsOf(triggers: readonly JobTrigger[], event: unknown): readonly JobTarget[] {
  return triggers.flatMap(({ target }) => {
    const found: JobTarget | null | undefined = target(event as never);
    return found === null || found === undefined ? [] : [found];
  });
}

/** What jobs tell of themselves would otherwise make jobs, which tell of themselves. */
function refuseFacts(pattern: string, checks: OptionChecks): void {
  const fact = JOB_FACTS.map(factEventName).find((name) => matchesPattern(pattern, name));
  if (fact === undefined) return;
  throw new InvalidReceiverError(
    checks.place,
    `"${pattern}" stands for ${fact}, which is told of jobs themselves. Name the event of the matter, or write a receiver such as @OnJobCompleted.`,
  );
}

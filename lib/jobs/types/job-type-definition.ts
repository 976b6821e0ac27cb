import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventReference } from '../../events/definition/event-types.js';
import type { OptionChecks } from '../../options/option-checks.js';
import { checkPrincipal, type Principal } from '../model/principal.js';
import type { TargetClass } from '../targets/target-resolver.js';
import type { JobTrigger, JobTriggers, JobTypeOptions } from './job-type-options.interface.js';

const DEFAULT_EARLY_LIMIT = '30d';
const MAX_VERSION = 32_767;
const PRIORITY = { min: -100, max: 100 } as const;

const KNOWN: readonly (keyof JobTypeOptions)[] = [
  'version',
  'target',
  'metadata',
  'result',
  'outcomes',
  'assignee',
  'candidates',
  'dueIn',
  'expiresIn',
  'priority',
  'skippable',
  'plan',
  'step',
  'requestOn',
  'completeOn',
  'cancelOn',
  'early',
  'earlyLimit',
];

/** A type of job, checked and with its defaults; durations in milliseconds. */
export interface JobTypeDefinition {
  readonly name: string;
  readonly version: number;
  readonly target: TargetClass | undefined;
  readonly metadata: StandardSchemaV1 | undefined;
  readonly result: StandardSchemaV1 | undefined;
  readonly outcomes: readonly string[];
  readonly assignee: Principal | ((target: never) => Principal | null) | undefined;
  readonly candidates: readonly Principal[];
  readonly dueIn: number | undefined;
  readonly expiresIn: number | undefined;
  readonly priority: number;
  readonly skippable: boolean;
  readonly plan: string | null;
  readonly step: number | null;
  readonly requestOn: readonly JobTrigger[];
  readonly completeOn: readonly JobTrigger[];
  readonly cancelOn: readonly JobTrigger[];
  readonly early: 'remember' | 'ignore';
  readonly earlyLimit: number;
}

/** @throws InvalidOptionError, UnknownOptionError, DurationError, JobsError naming the option. */
export function resolveJobType<R extends EventReference, C extends EventReference, X extends EventReference>(
  name: string,
  options: JobTypeOptions<R, C, X>,
  checks: OptionChecks,
): JobTypeDefinition {
  checks.object('', options, KNOWN);
  const { assignee } = options;
  return {
    name,
    version: checks.integer('version', options.version ?? 1, { min: 1, max: MAX_VERSION }),
    target: options.target,
    metadata: options.metadata,
    result: options.result,
    outcomes: (options.outcomes ?? []).map((outcome, index) => checks.text(`outcomes[${index}]`, outcome, 'a text')),
    assignee:
      assignee === undefined || typeof assignee === 'function' ? assignee : checkPrincipal('assignee', assignee),
    candidates: (options.candidates ?? []).map((candidate, index) => checkPrincipal(`candidates[${index}]`, candidate)),
    dueIn: options.dueIn === undefined ? undefined : checks.duration('dueIn', options.dueIn),
    expiresIn: options.expiresIn === undefined ? undefined : checks.duration('expiresIn', options.expiresIn),
    priority: checks.integer('priority', options.priority ?? 0, PRIORITY),
    skippable: checks.boolean('skippable', options.skippable ?? false),
    plan: options.plan === undefined ? null : checks.text('plan', options.plan, 'the name of a plan'),
    step: options.step === undefined ? null : checks.integer('step', options.step, { min: 0 }),
    requestOn: triggersOf(options.requestOn, 'requestOn', checks),
    completeOn: triggersOf(options.completeOn, 'completeOn', checks),
    cancelOn: triggersOf(options.cancelOn, 'cancelOn', checks),
    early: checks.oneOf('early', options.early ?? 'remember', ['remember', 'ignore']),
    earlyLimit: checks.duration('earlyLimit', options.earlyLimit ?? DEFAULT_EARLY_LIMIT),
  };
}

function triggersOf<Reference extends EventReference>(
  triggers: JobTriggers<Reference> | undefined,
  option: string,
  checks: OptionChecks,
): readonly JobTrigger[] {
  if (triggers === undefined) return [];
  const list: readonly unknown[] = isPair(triggers) ? [{ event: triggers[0], target: triggers[1] }] : [triggers].flat();
  return list.map((trigger, index) => {
    if (isTrigger(trigger)) return trigger;
    throw checks.invalid(
      `${option}[${index}]`,
      'an event and a function to its target: [Event, (event) => event.id], or on(Event, …)',
      trigger,
    );
  });
}

function isPair<Reference extends EventReference>(
  triggers: JobTriggers<Reference>,
): triggers is Extract<JobTriggers<Reference>, readonly [Reference, unknown]> {
  return Array.isArray(triggers) && triggers.length === 2 && typeof triggers[1] === 'function';
}

function isTrigger(value: unknown): value is JobTrigger {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event' in value &&
    'target' in value &&
    typeof value.target === 'function'
  );
}

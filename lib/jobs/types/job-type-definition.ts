import type { StandardSchemaV1 } from '@standard-schema/spec';
import { DEFAULT_DATA_SOURCE } from '../../data-sources/default-data-source.js';
import type { EventReference } from '../../events/definition/event-types.js';
import type { OptionChecks } from '../../options/option-checks.js';
import type { JobChecks } from '../verbs/job-checks.js';
import { checkPrincipal, type Principal } from '../model/principal.js';
import type { TargetClass } from '../targets/target-resolver.js';
import type { AssigneeOf, JobTrigger, JobTriggers, JobTypeOptions } from './job-type-options.interface.js';

const DEFAULT_EARLY_LIMIT = '30d';
const MAX_VERSION = 32_767;
const MAX_STEP = 32_767;
const PLAN_LIMIT = 255;
const OUTCOME_LIMIT = 255;
const OUTCOMES_LIMIT = 1_000;

const KNOWN: readonly (keyof JobTypeOptions)[] = [
  'dataSource',
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
  readonly dataSource: string;
  readonly version: number;
  readonly target: TargetClass | undefined;
  readonly metadata: StandardSchemaV1 | undefined;
  readonly result: StandardSchemaV1 | undefined;
  readonly outcomes: readonly string[];
  readonly assignee: Principal | AssigneeOf<never> | undefined;
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
export function resolveJobType<
  RequestOn extends EventReference,
  CompleteOn extends EventReference,
  CancelOn extends EventReference,
  Target extends TargetClass,
>(
  name: string,
  options: JobTypeOptions<RequestOn, CompleteOn, CancelOn, StandardSchemaV1, StandardSchemaV1, string, Target>,
  checks: JobChecks,
): JobTypeDefinition {
  checks.object('', options, KNOWN);
  const { assignee } = options;
  return {
    name,
    dataSource: checks.text(
      'dataSource',
      options.dataSource ?? DEFAULT_DATA_SOURCE,
      'the name of a data source that JobsModule is set up for',
    ),
    version: checks.integer('version', options.version ?? 1, { min: 1, max: MAX_VERSION }),
    target: targetOf(options.target, checks),
    metadata: schemaOf('metadata', options.metadata, checks),
    result: schemaOf('result', options.result, checks),
    outcomes: checks
      .items('outcomes', options.outcomes ?? [], OUTCOMES_LIMIT, `a list of at most ${OUTCOMES_LIMIT} names`)
      .map((outcome, index) => checks.words(`outcomes[${index}]`, outcome, OUTCOME_LIMIT)),
    assignee:
      assignee === undefined || typeof assignee === 'function' ? assignee : checkPrincipal('assignee', assignee),
    candidates: checks.principals('candidates', options.candidates ?? []),
    dueIn: options.dueIn === undefined ? undefined : checks.ahead('dueIn', options.dueIn),
    expiresIn: options.expiresIn === undefined ? undefined : checks.ahead('expiresIn', options.expiresIn),
    priority: checks.priority(options.priority ?? 0),
    skippable: checks.boolean('skippable', options.skippable ?? false),
    plan: options.plan === undefined ? null : checks.words('plan', options.plan, PLAN_LIMIT),
    step: options.step === undefined ? null : checks.integer('step', options.step, { min: 0, max: MAX_STEP }),
    requestOn: triggersOf(options.requestOn, 'requestOn', checks),
    completeOn: triggersOf(options.completeOn, 'completeOn', checks),
    cancelOn: triggersOf(options.cancelOn, 'cancelOn', checks),
    early: checks.oneOf('early', options.early ?? 'remember', ['remember', 'ignore']),
    earlyLimit: checks.ahead('earlyLimit', options.earlyLimit ?? DEFAULT_EARLY_LIMIT),
  };
}

function targetOf(target: TargetClass | undefined, checks: JobChecks): TargetClass | undefined {
  if (target === undefined || typeof target === 'function') return target;
  throw checks.invalid('target', 'an entity class', target);
}

function schemaOf(
  option: string,
  schema: StandardSchemaV1 | undefined,
  checks: JobChecks,
): StandardSchemaV1 | undefined {
  const given: unknown = schema;
  if (given === undefined) return undefined;
  const holder = typeof given === 'function' || (typeof given === 'object' && given !== null);
  if (holder && '~standard' in given) return schema;
  throw checks.invalid(option, 'a Standard Schema, such as one of zod, valibot or arktype', given);
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

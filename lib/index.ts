export { JobsModule } from './jobs.module.js';
export type {
  Duration,
  JobsDeclarationOptions,
  JobsErrorContext,
  JobsLimits,
  JobsModuleAsyncOptions,
  JobsModuleOptions,
  JobsOptionsFactory,
  JobsRuntimeOptions,
  JobsSweepOptions,
  JobsWorkerOptions,
} from './options/jobs-module-options.interface.js';

export { ReliableEvents } from './events/reliable-events.service.js';
export type { EmitOptions, EmittedEvent, EventOptions } from './events/emit-options.interface.js';
export { InProcessEvents } from './events/sending/in-process-events.service.js';
export type { ReceiverAnswer, SendOptions } from './events/sending/send-options.interface.js';
export type { ConnectOptions } from './events/sending/connect-options.interface.js';
export type { KnownEvent, KnownReceiver } from './events/sending/known-receivers.js';
export type { ReceiverReach } from './engine/receivers/receiver.js';
export { Emission, emission } from './events/emission.js';
export { ReliableEvent } from './events/definition/reliable-event.decorator.js';
export { reliableEvent } from './events/definition/reliable-event.js';
export type {
  EventClass,
  EventDefinition,
  EventUpcaster,
  ReliableEventOptions,
} from './events/definition/event-definition.js';
export type {
  DeclaredEventName,
  EventInput,
  EventInstance,
  EventOutput,
  EventReference,
  ReliableEventPayloads,
} from './events/definition/event-types.js';
export { OnReliableEvent } from './events/on-reliable-event.decorator.js';
export type { GroupCommit, OnReliableEventOptions } from './events/on-reliable-event-options.interface.js';
export {
  type ReceiverActivityOptions,
  type ReceiverListOptions,
  Receivers,
} from './operations/receivers/receivers.service.js';
export { type ProcessListOptions, Processes } from './operations/processes/processes.service.js';
export type { WorkerProcess, WorkerProcessState } from './operations/processes/worker-process.js';
export { Retention } from './operations/retention/retention.service.js';
export type { PruneCounts, PruneOptions } from './operations/retention/prune-options.interface.js';
export { Health } from './operations/health/health.service.js';
export type { HealthOptions } from './operations/health/health-thresholds.js';
export type { HealthCode, HealthFinding, HealthReport, HealthSeverity } from './operations/health/health-report.js';
export type { ReceiverActivity, ReceiverOrphans, ReceiverOverview } from './operations/receivers/receiver-overview.js';
export type { RegisteredReceiver } from './engine/receivers/registered-receiver.js';
export { Lifecycle } from './engine/lifecycle/lifecycle.service.js';
export type {
  LifecycleAction,
  LifecycleDelivery,
  LifecycleEvent,
  LifecycleEvents,
  LifecycleName,
  LifecycleReceiverAction,
  LifecycleRun,
} from './engine/lifecycle/lifecycle-events.interface.js';
export { runWorker } from './command-line/run-worker.js';
export { registerReceivers } from './register-receivers.js';
export type { ReceiverDecorator } from './events/declare-receiver.js';
export type { ReliableEventContextType } from './events/handlers/reliable-event-context-type.js';
export type { ErrorClass, RetryOptions } from './engine/receivers/retry-options.js';
export type { DeliveryState, EventStatus, ReceiverStatus } from './engine/deliveries/event-status.js';
export type { DeliveryContext, SendingMethod, TransactionalContext } from './engine/deliveries/delivery-context.js';

export { JobsService } from './jobs/jobs.service.js';
export { Job, type JobCloseReason, type JobJson, type JobStatus } from './jobs/model/job.js';
export { type JobAction, JobHistoryEntry } from './jobs/model/job-history-entry.js';
export type { Principal } from './jobs/model/principal.js';
export { JobType } from './jobs/types/job-type.decorator.js';
export {
  type AssigneeOf,
  type JobTrigger,
  type JobTriggers,
  type JobTypeHooks,
  type JobTypeOptions,
  on,
} from './jobs/types/job-type-options.interface.js';
export type {
  JobTypeClass,
  MetadataInputOf,
  MetadataOf,
  OutcomeOf,
  ResultInputOf,
  ResultOf,
} from './jobs/types/job-type-class.js';
export type { JobTarget, TargetReference } from './jobs/targets/job-target.js';
export type {
  ChangedJobs,
  ChangeOptions,
  CompleteArguments,
  CompleteOptions,
  JobReference,
  RequestArguments,
  RequestedJob,
  RequestManyOptions,
  RequestOptions,
  Requests,
  SubjectOptions,
} from './jobs/verbs/job-options.interface.js';
export type {
  BulkFailure,
  BulkOptions,
  BulkProgress,
  BulkResult,
  JobOperation,
} from './jobs/bulk/bulk-options.interface.js';
export type { TagChange } from './jobs/verbs/job-attributes.js';
export type { JobHistoryOptions, JobHistoryPage } from './jobs/verbs/job-history.js';
export type { ClaimNextOptions, ClaimOptions } from './jobs/verbs/job-claims.js';
export { JobInsight } from './jobs/insight/job-insight.service.js';
export type {
  AgeColumn,
  AgeFigures,
  AssigneeWorkload,
  CompletionCohort,
  CompletionFigures,
  CompletionOfType,
  CurvePoint,
  Figures,
  FlowDay,
  FlowFigures,
  FunnelFigures,
  FunnelStep,
  PendingFigures,
  PendingOfType,
  StalledJob,
  StalledPage,
  TimeToCompleteFigures,
  TimeToCompleteOfType,
  Workload,
  WorkloadPage,
} from './jobs/insight/insight-figures.interface.js';
export type {
  CompletionOptions,
  CreatedSpan,
  FlowOptions,
  FunnelOptions,
  InsightScope,
  PendingOptions,
  StalledOptions,
  TimeToCompleteOptions,
  WorkloadOptions,
} from './jobs/insight/insight-options.interface.js';
export { ActorJobs } from './jobs/policy/actor-jobs.js';
export type { JobActor } from './jobs/policy/job-actor.js';
export { JOB_POLICY, type JobPolicy, type JobScope, type JobVerb, type PolicyJob } from './jobs/policy/job-policy.js';
export { JobQueries } from './jobs/queries/job-queries.service.js';
export { ActorJobQueries } from './jobs/queries/actor-job-queries.js';
export type { JobFilter, MetadataFilter, OneOrMore, TimeSpan } from './jobs/queries/job-filter.interface.js';
export type {
  JobBadge,
  JobCount,
  JobCountOptions,
  JobExportOptions,
  JobFacetCount,
  JobFacetOptions,
  JobFacets,
  JobListOptions,
  JobPage,
  JobStreamOptions,
} from './jobs/queries/job-query-options.interface.js';
export type { JobFacet } from './jobs/queries/job-facets.js';
export type { JobSort } from './jobs/queries/job-sorts.js';
export type { JobPhase } from './jobs/model/job-phase.js';
export type { JobFact, JobFactName } from './jobs/facts/job-fact.js';
export type { OnJobDecorator } from './jobs/decorators/on-job.js';
export {
  OnJobAssigned,
  OnJobCancelled,
  OnJobClaimed,
  OnJobCompleted,
  OnJobDue,
  OnJobExpired,
  OnJobReopened,
  OnJobRequested,
} from './jobs/decorators/on-job.decorators.js';
export type {
  CommandDetails,
  CompleteJobDetails,
  RequestJobDetails,
} from './jobs/commands/command-details.interface.js';
export { CompleteJob } from './jobs/commands/complete-job.js';
export { RequestJob } from './jobs/commands/request-job.js';
export { RaiseJobOnError } from './jobs/raising/raise-job-on-error.decorator.js';
export type { RaisedRequest, RaiseJobOnErrorOptions } from './jobs/raising/raise-job-on-error-options.interface.js';
export { JobRemovals } from './jobs/removal/job-removals.js';
export { JobTargetSubscriber } from './jobs/removal/job-target.subscriber.js';
export { type JobSweepCounts, type JobSweepOptions, JobSweeps } from './jobs/sweeps/job-sweeps.js';

export {
  InjectJobsProvider,
  InjectJobsService,
  InjectReliableEvents,
} from './data-sources/inject-jobs-provider.decorators.js';
export {
  getJobsProviderToken,
  getJobsServiceToken,
  getReliableEventsToken,
} from './data-sources/jobs-provider.token.js';

export { Deliveries } from './operations/deliveries/deliveries.service.js';
export type { ActionOptions, DeliveryFilter, DiscardOptions } from './operations/deliveries/deliveries.service.js';
export type { DeliveryChanges } from './operations/deliveries/delivery-changes.js';
export type { FailureFilter } from './operations/deliveries/delivery-filter.js';
export type {
  Delivery,
  DeliveryDetails,
  DeliveryFailure,
  OpenDeliveryState,
} from './operations/deliveries/delivery.js';
export { DeadLetters } from './operations/dead-letters/dead-letters.service.js';
export type { DeadLetterChanges, DeadLetterFilter } from './operations/dead-letters/dead-letters.service.js';
export type { DeadLetter, DeadLetterDetails, DeadLetterKind } from './operations/dead-letters/dead-letter.js';
export type { ErrorGroup } from './operations/errors/error-group.js';
export type { ErrorGroupOptions } from './operations/errors/error-group-options.interface.js';
export { EventLog } from './operations/events/event-log.service.js';
export type { ReplayedEvent, ReplayOptions, ReplaySpanOptions } from './operations/events/event-log.service.js';
export type { EventDetails, EventFilter, RecordedEvent } from './operations/events/recorded-event.js';
export { type AuditFilter, AuditLog } from './operations/audit/audit-log.service.js';
export type { AuditAction, AuditEntry } from './operations/audit/audit-entry.js';
export type { PacedChanges } from './operations/pacing/paced-changes.js';
export type { PacedOptions } from './operations/pacing/paced-options.js';
export type { CappedCount, Page, PageOptions } from './operations/paging/page.js';

export { jobsEntities } from './schema/jobs-entities.js';
export { jobsMigrationSql, type JobsMigrationSqlOptions } from './schema/jobs-migration-sql.js';
export { jobsMigrations, type JobsMigration } from './schema/jobs-migrations.js';
export type { Clock } from './engine/clock/clock.js';

export * from './errors/index.js';

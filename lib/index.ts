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
  JobsWorkerOptions,
} from './options/jobs-module-options.interface.js';

export { ReliableEvents } from './events/reliable-events.service.js';
export type { EmitOptions, EmittedEvent, EventOptions } from './events/emit-options.interface.js';
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
export type { OnReliableEventOptions } from './events/on-reliable-event-options.interface.js';
export { Receivers, type ReceiverListOptions } from './engine/receivers/receivers.service.js';
export type { RegisteredReceiver } from './engine/receivers/registered-receiver.js';
export { registerReceivers } from './register-receivers.js';
export type { RetryOptions } from './engine/receivers/retry-options.js';
export type { DeliveryState, EventStatus, ReceiverStatus } from './engine/deliveries/event-status.js';
export type { DeliveryContext, TransactionalContext } from './engine/deliveries/delivery-context.js';

export { jobsEntities } from './engine/schema/jobs-entities.js';
export { jobsMigrations, type JobsMigration } from './engine/schema/jobs-migrations.js';
export type { Clock } from './engine/clock/clock.js';

export { ClaimLostError } from './errors/claim-lost.error.js';
export { DeliveryTimeoutError } from './errors/delivery-timeout.error.js';
export { DiscardDelivery } from './errors/discard-delivery.error.js';
export { EventSchemaError } from './errors/event-schema.error.js';
export { ForeignManagerError } from './errors/foreign-manager.error.js';
export { JobsError } from './errors/jobs.error.js';
export { JobsSchemaError } from './errors/jobs-schema.error.js';
export { NonRetryableError } from './errors/non-retryable.error.js';
export { PayloadError } from './errors/payload.error.js';
export { RetryDelivery } from './errors/retry-delivery.error.js';
export { TransactionEndedError } from './errors/transaction-ended.error.js';
export { TransactionRequiredError } from './errors/transaction-required.error.js';
export { UnroutedEventError } from './errors/unrouted-event.error.js';
export { WorkerShutdownError } from './errors/worker-shutdown.error.js';

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
export type { ReceiverDecorator } from './events/on-reliable-event.decorator.js';
export type { ReliableEventContextType } from './events/handlers/reliable-event-context-type.js';
export type { ErrorClass, RetryOptions } from './engine/receivers/retry-options.js';
export type { DeliveryState, EventStatus, ReceiverStatus } from './engine/deliveries/event-status.js';
export type { DeliveryContext, TransactionalContext } from './engine/deliveries/delivery-context.js';

export { jobsEntities } from './engine/schema/jobs-entities.js';
export { jobsMigrations, type JobsMigration } from './engine/schema/jobs-migrations.js';
export type { Clock } from './engine/clock/clock.js';

export * from './errors/index.js';

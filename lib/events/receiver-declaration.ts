import type { EventReference } from './definition/event-types.js';
import type { OnReliableEventOptions } from './on-reliable-event-options.interface.js';

/** What one `@OnReliableEvent` says. */
export interface ReceiverDeclaration {
  readonly event: EventReference;
  readonly options: OnReliableEventOptions;
}

/** Metadata key of the declarations of a method: a list, as the decorator stacks. */
export const RECEIVER_DECLARATIONS = Symbol.for('nestjs-jobs:receiver-declarations');

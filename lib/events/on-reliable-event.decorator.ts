import type { DeliveryContext, TransactionalContext } from '../engine/deliveries/delivery-context.js';
import { declareReceiver, type ReceiverDecorator } from './declare-receiver.js';
import type { EventOutput, EventReference } from './definition/event-types.js';
import type { GroupCommit, OnReliableEventOptions } from './on-reliable-event-options.interface.js';
import { RECEIVER_DECLARATIONS, type ReceiverDeclaration } from './receiver-declaration.js';

/**
 * Makes a method of a provider or controller a receiver whose writes through `context.manager` commit together with the acknowledgement.
 *
 * @param event class, definition, name or pattern (`order.*`, `*`) of the events.
 * @publicApi
 */
export function OnReliableEvent<const Reference extends EventReference>(
  event: Reference,
  options: OnReliableEventOptions & { readonly transactional: true | GroupCommit },
): ReceiverDecorator<EventOutput<Reference>, TransactionalContext>;
/**
 * Makes a method of a provider or controller a receiver: every event that is emitted gets a durable delivery for it, of its own.
 * Decorators stack; under one id they are one receiver of several events.
 *
 * @param event class, definition, name or pattern (`order.*`, `*`) of the events.
 * @publicApi
 */
export function OnReliableEvent<const Reference extends EventReference>(
  event: Reference,
  options?: OnReliableEventOptions,
): ReceiverDecorator<EventOutput<Reference>, DeliveryContext>;
export function OnReliableEvent(
  event: EventReference,
  options: OnReliableEventOptions = {},
): ReceiverDecorator<unknown, TransactionalContext> {
  return declareReceiver(RECEIVER_DECLARATIONS, 'OnReliableEvent', { event, options } satisfies ReceiverDeclaration);
}

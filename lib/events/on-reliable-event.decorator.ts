import 'reflect-metadata';
import type { DeliveryContext, TransactionalContext } from '../engine/deliveries/delivery-context.js';
import { JobsError } from '../errors/jobs.error.js';
import type { EventOutput, EventReference } from './definition/event-types.js';
import type { OnReliableEventOptions } from './on-reliable-event-options.interface.js';
import { isDeclarations, RECEIVER_DECLARATIONS, type ReceiverDeclaration } from './receiver-declaration.js';

/**
 * Decorates a method that can take the event and the context it is called with.
 *
 * @publicApi
 */
export type ReceiverDecorator<Event, Context> = <Method extends (event: Event, context: Context) => unknown>(
  target: object,
  methodName: string,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * Makes a method of a provider or controller a receiver whose writes through `context.manager` commit together with the acknowledgement.
 *
 * @param event class, definition, name or pattern (`order.*`, `*`) of the events.
 * @publicApi
 */
export function OnReliableEvent<const Reference extends EventReference>(
  event: Reference,
  options: OnReliableEventOptions & { readonly transactional: true },
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
  return (target, methodName, descriptor) => {
    // Callers without types.
    const method: unknown = (descriptor as TypedPropertyDescriptor<unknown> | undefined)?.value;
    if (typeof target === 'function' || typeof methodName !== 'string' || typeof method !== 'function') {
      throw new JobsError(notAMethod(target, methodName));
    }
    const stacked: unknown = Reflect.getOwnMetadata(RECEIVER_DECLARATIONS, target, methodName);
    const declarations: readonly ReceiverDeclaration[] = [
      { event, options },
      ...(isDeclarations(stacked) ? stacked : []),
    ];
    Reflect.defineMetadata(RECEIVER_DECLARATIONS, declarations, method);
    Reflect.defineMetadata(RECEIVER_DECLARATIONS, declarations, target, methodName);
  };
}

function notAMethod(target: object, member: unknown): string {
  const owner = typeof target === 'function' ? target.name : target.constructor.name;
  return (
    `${owner}.${String(member)} is decorated with @OnReliableEvent, but is no method that Nest can call. ` +
    'Decorate a method of the class with an ordinary name; not a static one, an accessor or one named by a symbol.'
  );
}

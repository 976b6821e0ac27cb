import type { EventClass, EventDefinition } from './event-definition.js';

/**
 * Payload types of events that are only names. Add to it by declaration merging:
 *
 * ```ts
 * declare module 'nestjs-jobs' {
 *   interface ReliableEventPayloads {
 *     'order.shipped': { orderId: string };
 *   }
 * }
 * ```
 *
 * @publicApi
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by declaration merging
export interface ReliableEventPayloads {}

/**
 * A name whose payload type is declared in {@link ReliableEventPayloads}.
 *
 * @publicApi
 */
export type DeclaredEventName = Extract<keyof ReliableEventPayloads, string>;

/**
 * An event as an instance of its class. A definition or the class itself is none; its payload would be missing.
 *
 * @publicApi
 */
export type EventInstance = object & { readonly upcasters?: never; readonly prototype?: never };

/**
 * What names an event: its class, its definition, or its name.
 *
 * @publicApi
 */
export type EventReference = EventClass | EventDefinition | string;

/**
 * What an emitter hands in for an event.
 *
 * @publicApi
 */
export type EventInput<Reference extends EventReference> =
  Reference extends EventClass<infer Event>
    ? Event
    : Reference extends EventDefinition
      ? NonNullable<Reference['types']>['input']
      : PayloadOfName<Reference>;

/**
 * What a receiver of an event gets; `unknown` for wildcards and names without a declared payload.
 *
 * @publicApi
 */
export type EventOutput<Reference extends EventReference> =
  Reference extends EventClass<infer Event>
    ? Event
    : Reference extends EventDefinition
      ? NonNullable<Reference['types']>['output']
      : PayloadOfName<Reference>;

type PayloadOfName<Name> = Name extends DeclaredEventName ? ReliableEventPayloads[Name] : unknown;

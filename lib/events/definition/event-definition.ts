import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonObject } from '../payload/json.js';

/**
 * A class whose instances are events.
 *
 * @publicApi
 */
export type EventClass<Event extends object = object> = abstract new (...args: never[]) => Event;

/**
 * Turns a stored payload of one version into a payload of the next.
 *
 * @publicApi
 */
export type EventUpcaster = (payload: JsonObject) => JsonObject;

/**
 * What can be said of an event beside its name.
 *
 * @publicApi
 */
export interface ReliableEventOptions<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  /** Version of the payload, an integer from 1 to 32767; 1 by default. Raise it when older receivers could not read the new payload. */
  readonly version?: number;
  /** Any Standard Schema. Its input is what is emitted and stored, its output is what receivers get. */
  readonly schema?: Schema;
  /** For each version below the present one, how its payload becomes one of the next version. Without any, old payloads are taken as they are. */
  readonly upcasters?: Readonly<Record<number, EventUpcaster>>;
}

/**
 * An event that can be emitted and listened to, with the types of its payload on both ends.
 *
 * @publicApi
 */
export interface EventDefinition<Input = unknown, Output = Input> {
  readonly name: string;
  readonly version: number;
  readonly schema: StandardSchemaV1 | undefined;
  readonly upcasters: Readonly<Record<number, EventUpcaster>> | undefined;
  /** The class receivers get an instance of; `undefined` for an event that is only a name. */
  readonly target: EventClass | undefined;
  /** Carries the types and is never there at run time. */
  readonly types?: { readonly input: Input; readonly output: Output };
}

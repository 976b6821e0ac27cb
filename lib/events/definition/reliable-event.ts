import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defineEvent } from './define-event.js';
import type { EventDefinition, ReliableEventOptions } from './event-definition.js';

/**
 * Defines an event that has no class, with its payload typed by a schema.
 *
 * @param name lower-case segments with dots between, such as `order.shipped`.
 * @param options version, schema and upcasters.
 * @throws EventDefinitionError
 * @publicApi
 */
export function reliableEvent<Schema extends StandardSchemaV1>(
  name: string,
  options: ReliableEventOptions<Schema> & { readonly schema: Schema },
): EventDefinition<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>>;
/**
 * Defines an event that has no class, with its payload type given: `reliableEvent<{ orderId: string }>('order.shipped')`.
 *
 * @param name lower-case segments with dots between, such as `order.shipped`.
 * @param options version and upcasters.
 * @throws EventDefinitionError
 * @publicApi
 */
export function reliableEvent<Payload>(
  name: string,
  options?: Omit<ReliableEventOptions, 'schema'>,
): EventDefinition<Payload>;
export function reliableEvent(name: string, options?: ReliableEventOptions): EventDefinition {
  return defineEvent(name, options);
}

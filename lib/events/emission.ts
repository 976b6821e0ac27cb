import type { EventDefinition } from './definition/event-definition.js';
import type { DeclaredEventName, EventInstance, ReliableEventPayloads } from './definition/event-types.js';
import type { EventOptions } from './emit-options.interface.js';

/**
 * An event with options of its own, for `emitMany`. Made by {@link emission}.
 *
 * @publicApi
 */
export class Emission {
  /** @internal */
  constructor(
    readonly reference: EventDefinition | string | undefined,
    readonly payload: unknown,
    readonly options: EventOptions,
  ) {}
}

/**
 * Puts an event together with options of its own, to be emitted beside others by `emitMany`.
 *
 * @param event instance of a class decorated with `@ReliableEvent`; or a name or definition, followed by its payload.
 * @publicApi
 */
export function emission<Name extends DeclaredEventName>(
  name: Name,
  payload: ReliableEventPayloads[Name],
  options?: EventOptions,
): Emission;
export function emission<Input>(
  definition: EventDefinition<Input, unknown>,
  payload: Input,
  options?: EventOptions,
): Emission;
export function emission(event: EventInstance, options?: EventOptions): Emission;
export function emission(first: unknown, second?: unknown, third?: EventOptions): Emission {
  return isReference(first) ? new Emission(first, second, third ?? {}) : new Emission(undefined, first, second ?? {});
}

/** Whether a value stands for an event whose payload follows; an event itself is an instance of a class of its own. */
export function isReference(value: unknown): value is EventDefinition | string {
  if (typeof value === 'string') return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    'upcasters' in value
  );
}

import { eventDefinitionOfClass } from '../../events/definition/reliable-event.decorator.js';
import type { EventReference } from '../../events/definition/event-types.js';
import { JobsError } from '../../errors/jobs.error.js';
import { kindOf } from '../../engine/text/kind-of.js';

/**
 * The name, or wildcard, that a class, a definition or a name stands for.
 *
 * @throws JobsError when the class is no reliable event.
 */
export function nameOfEvent(reference: EventReference): string {
  if (typeof reference === 'string') return reference;
  if (typeof reference === 'function') {
    const definition = eventDefinitionOfClass(reference);
    if (definition !== undefined) return definition.name;
    throw new JobsError(`${reference.name} is no reliable event; give a class decorated with @ReliableEvent.`);
  }
  const { name } = reference as Partial<typeof reference>;
  if (typeof name === 'string') return name;
  throw new JobsError(`${kindOf(reference)} names no event; give its class, its definition or its name.`);
}

import { printableName } from '../../engine/text/kind-of.js';
import { EventDefinitionError } from '../../errors/event-definition.error.js';
import { defineEvent } from './define-event.js';
import type { EventClass, EventDefinition, ReliableEventOptions } from './event-definition.js';

const RELIABLE_EVENT = Symbol.for('nestjs-jobs:reliable-event');

/**
 * Makes the instances of a class reliable events: they can be emitted, and receivers get an instance of the class. Its own data properties
 * are the payload; the constructor does not run again.
 *
 * @param name lower-case segments with dots between, saying what happened, such as `payment.completed`.
 * @param options version, schema and upcasters.
 * @throws EventDefinitionError when these cannot work.
 * @publicApi
 */
export function ReliableEvent(name: string, options?: ReliableEventOptions): (target: EventClass) => void {
  return (target) => {
    if (Object.hasOwn(target, RELIABLE_EVENT)) {
      throw new EventDefinitionError(
        name,
        `${printableName(target.name)} is a reliable event already; a class has one name`,
      );
    }
    Object.defineProperty(target, RELIABLE_EVENT, { value: defineEvent(name, options, target) });
  };
}

/** The definition a class was decorated with; a subclass does not inherit it, for receivers would get an instance of the base class. */
export function eventDefinitionOfClass(target: object): EventDefinition | undefined {
  return Object.hasOwn(target, RELIABLE_EVENT) ? (Reflect.get(target, RELIABLE_EVENT) as EventDefinition) : undefined;
}

import { types } from 'node:util';
import { kindOf, printableName } from '../../engine/text/kind-of.js';
import { EventConflictError } from '../../errors/event-conflict.error.js';
import { EventDefinitionError } from '../../errors/event-definition.error.js';
import { canBeRead, isRecord } from '../../options/readable.js';
import { assertRoundTrips } from './assert-round-trips.js';
import { defineEvent } from './define-event.js';
import type { EventClass, EventDefinition } from './event-definition.js';
import type { EventReference } from './event-types.js';
import { eventDefinitionOfClass } from './reliable-event.decorator.js';

/** The events one application knows. One name has one definition. */
export class EventCatalogue {
  private readonly byClass = new WeakMap<object, EventDefinition>();
  private readonly byEventName = new Map<string, EventDefinition>();

  /**
   * Adds a decorated class or a definition; adding one twice is harmless.
   *
   * @throws EventDefinitionError when the class is not decorated or its instances cannot be rebuilt.
   * @throws EventConflictError when the name has another definition.
   */
  add(event: EventClass | EventDefinition): EventDefinition {
    const definition = isEventClass(event) ? definitionOfClass(event) : definitionIn(event);
    const known = this.byEventName.get(definition.name);
    if (known === definition) {
      return definition;
    }
    if (known !== undefined) {
      throw new EventConflictError(definition.name, originOf(known), originOf(definition));
    }
    if (definition.target !== undefined) {
      assertRoundTrips(definition.target);
      this.byClass.set(definition.target, definition);
    }
    this.byEventName.set(definition.name, definition);
    return definition;
  }

  /**
   * The definition of an event by its instance. A class that was not added yet is added now, for a process may only emit.
   *
   * @throws EventDefinitionError when its class is no reliable event.
   */
  definitionOf(event: object): EventDefinition {
    const constructor = constructorOf(event);
    const known = constructor === undefined ? undefined : this.byClass.get(constructor);
    if (known !== undefined) {
      return known;
    }
    if (constructor === undefined || constructor === Object) {
      throw new EventDefinitionError(
        kindOf(event),
        'is not an event; emit an instance of a class decorated with @ReliableEvent, or a name or definition with its payload',
      );
    }
    return this.add(constructor);
  }

  /** Every definition, in the order they were added in. */
  all(): EventDefinition[] {
    return [...this.byEventName.values()];
  }

  /** The definition a name was added with. */
  byName(name: string): EventDefinition | undefined {
    return this.byEventName.get(name);
  }

  /**
   * The definition that a class, a definition or a name stands for. A name that nobody defined stands for itself: version 1, no schema.
   *
   * @throws EventDefinitionError
   * @throws EventConflictError
   */
  resolve(reference: EventReference): EventDefinition {
    return typeof reference === 'string'
      ? (this.byEventName.get(reference) ?? defineEvent(reference))
      : this.add(reference);
  }
}

function isEventClass(value: EventClass | EventDefinition): value is EventClass {
  return typeof value === 'function';
}

/** Callers without types may hand in anything. */
function definitionIn(given: EventDefinition): EventDefinition {
  if (isRecord(given) && canBeRead(given, 'name') && typeof given.name === 'string' && canBeRead(given, 'target'))
    return given;
  throw new EventDefinitionError(
    kindOf(given),
    'is no event; pass a class decorated with @ReliableEvent, a definition or a name',
  );
}

function definitionOfClass(target: EventClass): EventDefinition {
  const definition = types.isProxy(target) ? undefined : eventDefinitionOfClass(target);
  if (definition === undefined) {
    throw new EventDefinitionError(
      types.isProxy(target) ? 'Proxy' : printableName(target.name),
      "is no reliable event; decorate it with @ReliableEvent('name'), which a subclass does not inherit",
    );
  }
  return definition;
}

function constructorOf(event: unknown): EventClass | undefined {
  if (typeof event !== 'object' || event === null || types.isProxy(event)) {
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(event);
  if (typeof prototype !== 'object' || prototype === null) {
    return undefined;
  }
  const constructor: unknown = Reflect.get(prototype, 'constructor');
  return typeof constructor === 'function' ? (constructor as EventClass) : undefined;
}

function originOf(definition: EventDefinition): string {
  return definition.target === undefined ? 'reliableEvent()' : `the class ${printableName(definition.target.name)}`;
}

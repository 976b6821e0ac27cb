import { kindOf } from '../../engine/text/kind-of.js';
import { PayloadError } from '../../errors/payload.error.js';
import { isJsonObject } from '../payload/json.js';
import type { EventClass } from './event-definition.js';

/**
 * Makes an instance of an event's class that has the given data, without running the class's constructor or a setter.
 *
 * @param payload parsed JSON, or the output of a schema; an instance that a schema made of it is taken as it is.
 * @throws PayloadError when it is not an object.
 */
export function rebuildEvent(target: EventClass, payload: unknown): object {
  const prototype = target.prototype as object;
  if (!isJsonObject(payload)) {
    throw new PayloadError(
      'payload',
      kindOf(payload),
      `${kindOf(payload)} cannot become a ${target.name}; only an object can`,
    );
  }
  if (Object.getPrototypeOf(payload) === prototype) {
    return payload;
  }
  const event = Object.create(prototype) as Record<string, unknown>;
  for (const key of Object.keys(payload)) {
    const value = payload[key];
    if (key in prototype) {
      // An assignment would run a setter, fail at a getter, or with `__proto__` change the class.
      Object.defineProperty(event, key, { value, writable: true, enumerable: true, configurable: true });
    } else {
      event[key] = value;
    }
  }
  return event;
}

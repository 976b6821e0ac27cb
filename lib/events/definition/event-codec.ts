import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { StoredEvent } from '../../engine/deliveries/stored-event.js';
import { kindOf } from '../../engine/text/kind-of.js';
import { EventSchemaError } from '../../errors/event-schema.error.js';
import { EventUpcastError } from '../../errors/event-upcast.error.js';
import { PayloadError } from '../../errors/payload.error.js';
import { UnknownEventVersionError } from '../../errors/unknown-event-version.error.js';
import { encodePayload } from '../payload/encode-payload.js';
import { isJsonObject } from '../payload/json.js';
import { appendToPath } from '../payload/payload-path.js';
import type { EventClass, EventDefinition } from './event-definition.js';
import { rebuildEvent } from './rebuild-event.js';

const ROOT = 'payload';

/** What decoding needs of a stored event. */
export type EncodedEvent = Pick<StoredEvent, 'name' | 'version' | 'payload'>;

/**
 * Writes an event's payload as JSON text. The value is written before the schema sees it, so what is stored is the schema's input, and
 * neither a slow asynchronous schema nor a later change of the value can make it differ from what was emitted.
 *
 * @param limitBytes longest JSON text in UTF-8 bytes.
 * @param limitOption name of the option that sets the limit, for the error.
 * @returns the text; a promise only when the schema is asynchronous.
 * @throws PayloadError when the value would not survive the trip.
 * @throws EventSchemaError when the schema refuses it.
 */
export function encodeEvent(
  definition: EventDefinition,
  value: unknown,
  limitBytes: number,
  limitOption?: string,
): string | Promise<string> {
  const text = encodePayload(value, {
    limitBytes,
    limitOption,
    prototype: definition.target?.prototype as object | undefined,
  });
  if (definition.target !== undefined && !text.startsWith('{')) {
    throw new PayloadError(
      ROOT,
      kindOf(value),
      `${kindOf(value)} is not a ${definition.target.name}; emit an instance of it`,
    );
  }
  if (definition.schema === undefined) {
    return text;
  }
  const result = definition.schema['~standard'].validate(value);
  if (isPromise(result)) {
    return result.then((settled) => {
      outputOf(definition, settled);
      return text;
    });
  }
  outputOf(definition, result);
  return text;
}

/**
 * Reads a stored payload: parsed, brought to the present version, and passed through the schema. An event of a class arrives as an instance
 * of it, and neither its constructor nor a setter is run.
 *
 * @returns the event as a receiver gets it; a promise only when the schema is asynchronous.
 * @throws UnknownEventVersionError when the event was stored with a newer version.
 * @throws EventUpcastError when an upcaster returns no payload.
 * @throws EventSchemaError when the schema refuses the payload.
 */
export function decodeEvent(definition: EventDefinition, stored: EncodedEvent): unknown {
  if (stored.version > definition.version) {
    throw new UnknownEventVersionError(definition.name, stored.version, definition.version);
  }
  const parsed: unknown = JSON.parse(stored.payload);
  const payload =
    definition.upcasters === undefined ? parsed : upcast(definition, definition.upcasters, parsed, stored.version);
  if (definition.schema === undefined) {
    return arrive(definition.target, payload);
  }
  const result = definition.schema['~standard'].validate(payload);
  return isPromise(result)
    ? result.then((settled) => arrive(definition.target, outputOf(definition, settled)))
    : arrive(definition.target, outputOf(definition, result));
}

function upcast(
  definition: EventDefinition,
  upcasters: NonNullable<EventDefinition['upcasters']>,
  parsed: unknown,
  storedVersion: number,
): unknown {
  let payload = parsed;
  for (let version = storedVersion; version < definition.version; version++) {
    if (!isJsonObject(payload)) {
      throw new PayloadError(
        ROOT,
        kindOf(payload),
        `${kindOf(payload)} of version ${version} cannot be upcast; only objects can`,
      );
    }
    payload = upcasters[version]?.(payload);
    if (!isJsonObject(payload) || isPromise(payload)) {
      throw new EventUpcastError(definition.name, version, kindOf(payload));
    }
  }
  return payload;
}

function arrive(target: EventClass | undefined, payload: unknown): unknown {
  return target === undefined ? payload : rebuildEvent(target, payload);
}

function outputOf(definition: EventDefinition, result: StandardSchemaV1.Result<unknown>): unknown {
  if (result.issues) {
    throw new EventSchemaError(
      definition.name,
      result.issues.map((issue) => ({ path: pathOf(issue), message: issue.message })),
    );
  }
  return result.value;
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  return (issue.path ?? []).reduce<string>(
    (path, segment) => appendToPath(path, typeof segment === 'object' ? segment.key : segment),
    ROOT,
  );
}

/** Not `instanceof`: a schema library may run in another realm, or bring a promise of its own. */
function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

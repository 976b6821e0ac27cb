import { EventDefinitionError } from '../../errors/event-definition.error.js';
import { kindOf } from '../../engine/text/kind-of.js';
import type { EventClass, EventDefinition, EventUpcaster, ReliableEventOptions } from './event-definition.js';
import { assertEventName } from './event-name.js';

/** `version` is a smallint in the event table. */
const VERSION_LIMIT = 32_767;

/** Checks what was said of an event and makes its definition, which nothing can change afterwards. */
export function defineEvent(name: string, options: ReliableEventOptions = {}, target?: EventClass): EventDefinition {
  assertEventName(name);
  assertOptions(name, options);
  const { version = 1, schema, upcasters } = options;
  assertVersion(name, version);
  assertSchema(name, schema);
  return Object.freeze({ name, version, schema, upcasters: checkedUpcasters(name, version, upcasters), target });
}

function assertOptions(name: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new EventDefinitionError(name, `the options are ${kindOf(options)}; give an object such as { version: 2 }`);
}

function assertVersion(name: string, version: unknown): void {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version > VERSION_LIMIT) {
    const given = typeof version === 'number' ? String(version) : kindOf(version);
    throw new EventDefinitionError(name, `version is ${given}; give an integer from 1 to ${VERSION_LIMIT}`);
  }
}

function assertSchema(name: string, schema: unknown): void {
  if (schema !== undefined && !isStandardSchema(schema)) {
    throw new EventDefinitionError(
      name,
      `schema is ${kindOf(schema)}, no Standard Schema; give one of zod, valibot, arktype or the like`,
    );
  }
}

function isStandardSchema(schema: unknown): boolean {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) {
    return false;
  }
  const standard: unknown = Reflect.get(schema, '~standard');
  return typeof standard === 'object' && standard !== null && typeof Reflect.get(standard, 'validate') === 'function';
}

function checkedUpcasters(
  name: string,
  version: number,
  upcasters: Readonly<Record<number, EventUpcaster>> | undefined,
): Readonly<Record<number, EventUpcaster>> | undefined {
  if (upcasters === undefined) {
    return undefined;
  }
  if (kindOf(upcasters) !== 'object') {
    throw new EventDefinitionError(
      name,
      `upcasters is ${kindOf(upcasters)}; give an object of functions by the version they start from`,
    );
  }
  for (const from of Object.keys(upcasters)) {
    if (!/^[1-9]\d*$/.test(from) || Number(from) >= version) {
      throw new EventDefinitionError(
        name,
        `there is an upcaster from version ${from}, but version is ${version}; upcasters start from the versions below it`,
      );
    }
  }
  for (let from = 1; from < version; from++) {
    const upcaster: unknown = upcasters[from];
    if (typeof upcaster !== 'function') {
      throw new EventDefinitionError(
        name,
        `the upcaster from version ${from} is ${kindOf(upcaster)}; give one for each version from 1 to ${version - 1}, or none at all`,
      );
    }
  }
  return version === 1 ? undefined : Object.freeze({ ...upcasters });
}

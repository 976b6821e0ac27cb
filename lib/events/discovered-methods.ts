import type { Type } from '@nestjs/common';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { ProviderWrapper } from './handlers/provision.js';

/** A method of a provider or controller. */
export interface DiscoveredMethod {
  readonly wrapper: ProviderWrapper;
  readonly handlerClass: Type;
  readonly prototype: object;
  readonly methodName: string;
  readonly method: (...args: never[]) => unknown;
  /** The module that provides the class, for messages. */
  readonly moduleName: string;
}

/** Every method of every provider and controller, each instance once. */
export function* discoveredMethods(discovery: DiscoveryService, scanner: MetadataScanner): Generator<DiscoveredMethod> {
  const wrappers = [...discovery.getProviders(), ...discovery.getControllers()];
  const explored = new Set<unknown>();
  // What Nest made of a class comes first: a factory elsewhere may hand out the same instance, and knows nothing of its enhancers.
  for (const wrapper of [...wrappers.filter(isMadeOfClass), ...wrappers.filter((other) => !isMadeOfClass(other))]) {
    const explorable: unknown = wrapper.instance ?? wrapper;
    if (wrapper.isAlias || explored.has(explorable)) continue;
    explored.add(explorable);
    const prototype = prototypeOf(wrapper);
    if (prototype === undefined) continue;
    for (const methodName of scanner.getAllMethodNames(prototype)) {
      yield {
        wrapper,
        handlerClass: prototype.constructor as Type,
        prototype,
        methodName,
        get method() {
          return Reflect.get(prototype, methodName) as (...args: never[]) => unknown;
        },
        moduleName: wrapper.host?.name ?? 'an unknown module',
      };
    }
  }
}

function isMadeOfClass(wrapper: ProviderWrapper): boolean {
  return typeof wrapper.metatype === 'function' && !wrapper.inject;
}

/** Of a class the prototype it declares, request-scoped ones too; of a value or what a factory made, the prototype it has. */
function prototypeOf(wrapper: ProviderWrapper): object | undefined {
  const instance: unknown = wrapper.instance;
  const prototype: unknown =
    isMadeOfClass(wrapper) && typeof wrapper.metatype === 'function'
      ? wrapper.metatype.prototype
      : prototypeOfValue(instance);
  if (typeof prototype !== 'object' || prototype === null || prototype === Object.prototype) return undefined;
  return typeof prototype.constructor === 'function' ? prototype : undefined;
}

function prototypeOfValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.getPrototypeOf(value) : undefined;
}

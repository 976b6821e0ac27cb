import { printableName } from '../../engine/text/kind-of.js';
import { EventDefinitionError } from '../../errors/event-definition.error.js';
import { isPlainPrototype } from '../payload/object-kinds.js';
import type { EventClass } from './event-definition.js';
import { privateMemberOf } from './private-members.js';

const NATIVE_SOURCE = /\{\s*\[native code\]\s*\}\s*$/;

/**
 * Refuses a class whose instances cannot be rebuilt from their own data properties without running code. Called at boot.
 *
 * @throws EventDefinitionError naming the class and what to do.
 */
export function assertRoundTrips(target: EventClass): void {
  for (const { prototype, constructor } of prototypeChain(target)) {
    if (constructor !== undefined) {
      assertNoBuiltIn(target, constructor);
      assertNoPrivateMember(target, constructor);
    }
    assertNoCode(target, prototype);
  }
}

interface PrototypeLink {
  readonly prototype: object;
  readonly constructor: NewableFunction | undefined;
}

function* prototypeChain(target: EventClass): Generator<PrototypeLink> {
  for (
    let link: unknown = target.prototype;
    isObject(link) && !isPlainPrototype(link);
    link = Object.getPrototypeOf(link)
  ) {
    const constructor: unknown = Object.getOwnPropertyDescriptor(link, 'constructor')?.value;
    yield { prototype: link, constructor: typeof constructor === 'function' ? constructor : undefined };
  }
}

function assertNoBuiltIn(target: EventClass, constructor: NewableFunction): void {
  if (NATIVE_SOURCE.test(sourceOf(constructor))) {
    throw refusal(
      target,
      `extends ${printableName(constructor.name)}, whose contents would be lost; make it a class of its own with the data as properties`,
    );
  }
}

function assertNoPrivateMember(target: EventClass, constructor: NewableFunction): void {
  const member = privateMemberOf(sourceOf(constructor));
  if (member !== undefined) {
    throw refusal(
      target,
      `has the private member ${printableName(member)}, which receivers would not get; use a public or a TypeScript private property instead`,
    );
  }
}

function assertNoCode(target: EventClass, prototype: object): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === 'toJSON') {
      throw refusal(
        target,
        'has toJSON, so something else than its properties would be stored; remove it, and emit the data it returns',
      );
    }
    if (descriptor.set !== undefined) {
      throw refusal(
        target,
        `has a setter for ${printableName(name)}, which is not run for a receiver; use a plain property instead`,
      );
    }
  }
}

function refusal(target: EventClass, problem: string): EventDefinitionError {
  return new EventDefinitionError(printableName(target.name), problem);
}

function sourceOf(constructor: NewableFunction): string {
  return Function.prototype.toString.call(constructor);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import { types } from 'node:util';
import { builtInKind, kindOf } from '../../engine/text/kind-of.js';

/** Names an object that is refused, as exactly as its remedy needs. */
export function kindOfInstance(value: object): string {
  if (ArrayBuffer.isView(value)) {
    return types.isUint8Array(value) && Object.getPrototypeOf(value) === Buffer.prototype ? 'Buffer' : 'typed array';
  }
  if (types.isAnyArrayBuffer(value)) {
    return 'ArrayBuffer';
  }
  return kindOf(value) === 'array' && !isArrayPrototype(Object.getPrototypeOf(value))
    ? 'a subclass of Array'
    : kindOf(value);
}

/** Like `in`, but stops before a proxy, whose trap is code of the payload. */
export function inheritsToJson(value: object): boolean {
  for (
    let link: unknown = value;
    typeof link === 'object' && link !== null && !types.isProxy(link);
    link = Object.getPrototypeOf(link)
  ) {
    if (Object.hasOwn(link, 'toJSON')) {
      return true;
    }
  }
  return false;
}

/** Whether the remedy depends on the kind alone: these are no classes of the application. */
export function isKnownBuiltIn(value: object): boolean {
  return (
    builtInKind(value) !== undefined ||
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isNativeError(value)
  );
}

/** The `Object.prototype` of any realm, or none. */
export function isPlainPrototype(prototype: unknown): boolean {
  if (prototype === Object.prototype || prototype === null) {
    return true;
  }
  return (
    typeof prototype === 'object' &&
    !types.isProxy(prototype) &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}

/** The `Array.prototype` of any realm, which is the one prototype that is an array itself. */
export function isArrayPrototype(prototype: unknown): boolean {
  return (
    prototype === Array.prototype ||
    (!types.isProxy(prototype) && Array.isArray(prototype) && Object.hasOwn(prototype, 'concat'))
  );
}

/** What `JSON.rawJSON` makes (newer versions of Node have it): it is written as its text, such as a number too long to come back the same. */
export function isRawJson(value: object): boolean {
  const json: JSON & { isRawJSON?: (candidate: unknown) => boolean } = JSON;
  return json.isRawJSON?.(value) ?? false;
}

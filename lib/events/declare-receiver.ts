import 'reflect-metadata';
import { JobsError } from '../errors/jobs.error.js';

/**
 * Decorates a method that can take what is received and the context it is called with.
 *
 * @publicApi
 */
export type ReceiverDecorator<Received, Context> = <Method extends (received: Received, context: Context) => unknown>(
  target: object,
  methodName: string,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * Makes the decorator that leaves a declaration on a method, above those of the decorators below it.
 *
 * @param key metadata key of this kind of declaration.
 * @param decorator name of the decorator, for the error.
 */
export function declareReceiver(
  key: symbol,
  decorator: string,
  declaration: object,
): ReceiverDecorator<unknown, unknown> {
  return (target, methodName, descriptor) => {
    // Callers without types.
    const method: unknown = (descriptor as TypedPropertyDescriptor<unknown> | undefined)?.value;
    if (typeof target === 'function' || typeof methodName !== 'string' || typeof method !== 'function') {
      throw new JobsError(notAMethod(decorator, target, methodName));
    }
    const declarations = [declaration, ...stackedOf(Reflect.getOwnMetadata(key, target, methodName))];
    Reflect.defineMetadata(key, declarations, method);
    Reflect.defineMetadata(key, declarations, target, methodName);
  };
}

/** The declarations of one kind on a method, topmost first; none for anything that is not a decorated method. */
export function declarationsOn(key: symbol, prototype: object, methodName: string): readonly unknown[] {
  const owner = ownerOf(prototype, methodName);
  if (owner === undefined) return [];
  // A decorator further up may have replaced the method and lost what was written on it: the class still knows. A method copied
  // from another class by a mixin brings its own.
  return stackedOf(
    Reflect.getOwnMetadata(key, owner, methodName) ?? ownMetadataOf(key, Reflect.get(owner, methodName)),
  );
}

/** The prototype that has the method itself: an override without the decorator is no receiver. */
function ownerOf(prototype: object, methodName: string): object | undefined {
  let owner: object | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, methodName)) owner = Reflect.getPrototypeOf(owner);
  return owner ?? undefined;
}

function ownMetadataOf(key: symbol, method: unknown): unknown {
  return typeof method === 'function' ? Reflect.getOwnMetadata(key, method) : undefined;
}

function stackedOf(metadata: unknown): readonly unknown[] {
  return Array.isArray(metadata) ? metadata : [];
}

function notAMethod(decorator: string, target: object, member: unknown): string {
  const owner = typeof target === 'function' ? target.name : target.constructor.name;
  return (
    `${owner}.${String(member)} is decorated with @${decorator}, but is no method that Nest can call. ` +
    'Decorate a method of the class with an ordinary name; not a static one, an accessor or one named by a symbol.'
  );
}

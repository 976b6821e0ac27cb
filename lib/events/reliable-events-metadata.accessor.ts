import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { isDeclarations, RECEIVER_DECLARATIONS, type ReceiverDeclaration } from './receiver-declaration.js';

/** Reads what `@OnReliableEvent` left on a method. */
@Injectable()
export class ReliableEventsMetadataAccessor {
  /** The declarations of a method, topmost first; none for anything that is not a decorated method. */
  declarationsOf(prototype: object, methodName: string): readonly ReceiverDeclaration[] {
    const owner = ownerOf(prototype, methodName);
    if (owner === undefined) return [];
    // A decorator further up may have replaced the method and lost what was written on it: the class still knows. A method copied
    // from another class by a mixin brings its own.
    const found: unknown =
      Reflect.getOwnMetadata(RECEIVER_DECLARATIONS, owner, methodName) ?? ownMetadataOf(Reflect.get(owner, methodName));
    return isDeclarations(found) ? found : [];
  }
}

/** The prototype that has the method itself: an override without the decorator is no receiver. */
function ownerOf(prototype: object, methodName: string): object | undefined {
  let owner: object | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, methodName)) owner = Reflect.getPrototypeOf(owner);
  return owner ?? undefined;
}

function ownMetadataOf(method: unknown): unknown {
  return typeof method === 'function' ? Reflect.getOwnMetadata(RECEIVER_DECLARATIONS, method) : undefined;
}

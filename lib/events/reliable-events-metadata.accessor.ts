import { Injectable } from '@nestjs/common';
import { declarationsOn } from './declare-receiver.js';
import { RECEIVER_DECLARATIONS, type ReceiverDeclaration } from './receiver-declaration.js';

/** Reads what `@OnReliableEvent` left on a method. */
@Injectable()
export class ReliableEventsMetadataAccessor {
  /** The declarations of a method, topmost first; none for anything that is not a decorated method. */
  declarationsOf(prototype: object, methodName: string): readonly ReceiverDeclaration[] {
    return declarationsOn(RECEIVER_DECLARATIONS, prototype, methodName) as readonly ReceiverDeclaration[];
  }
}

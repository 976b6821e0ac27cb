import type { ReceivedEvent } from '../engine/deliveries/stored-event.js';
import { EventNotUnderstoodError } from '../errors/event-not-understood.error.js';
import { decodeEvent } from './definition/event-codec.js';
import type { EventDefinition } from './definition/event-definition.js';
import { matchesPattern } from './definition/event-name.js';

/** Turns stored events into what one receiver is given. */
export class EventDecoder {
  /**
   * @param patterns names and patterns that the receiver listens to.
   * @param definitions of those it listens to by class or definition. Others arrive as the JSON they were stored as, whatever version it
   * has: whether some other part of the process knows a class for the name must make no difference.
   */
  constructor(
    private readonly receiverId: string,
    private readonly patterns: readonly string[],
    private readonly definitions: ReadonlyMap<string, EventDefinition>,
  ) {}

  /**
   * @returns the event; a promise only when its schema is asynchronous.
   * @throws EventNotUnderstoodError when this process is too old for the event, or its receiver does not listen to it any more.
   */
  decode(stored: ReceivedEvent): unknown {
    const definition = this.definitions.get(stored.name);
    if (definition !== undefined) return decodeEvent(definition, stored);
    if (this.patterns.some((pattern) => matchesPattern(pattern, stored.name)))
      return JSON.parse(stored.payload) as unknown;
    throw new EventNotUnderstoodError(
      `Receiver "${this.receiverId}" does not listen to "${stored.name}" any more, but deliveries of it are left. ` +
        'They wait for a process where it does; retire the receiver when there is none.',
    );
  }
}

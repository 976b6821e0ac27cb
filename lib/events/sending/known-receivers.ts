import { Injectable } from '@nestjs/common';
import type { Receiver, ReceiverReach } from '../../engine/receivers/receiver.js';
import { ReceiverRegistry } from '../../engine/receivers/receiver-registry.js';
import { EventCatalogue } from '../definition/event-catalogue.js';
import type { EventClass } from '../definition/event-definition.js';
import { matchesPattern } from '../definition/event-name.js';
import type { EventReference } from '../definition/event-types.js';

/**
 * An event this process knows by a class or definition.
 *
 * @publicApi
 */
export interface KnownEvent {
  readonly name: string;
  readonly version: number;
  /** `undefined` for an event without a class. */
  readonly target: EventClass | undefined;
}

/**
 * A receiver of this process.
 *
 * @publicApi
 */
export interface KnownReceiver {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Names and patterns it hears. */
  readonly events: readonly string[];
  /** The only sender it hears; `null` for any. */
  readonly sender: string | null;
  readonly transactional: boolean;
  /** Whether it gets what is sent in process, what is emitted, or both. */
  readonly reach: ReceiverReach;
  /** Where it was declared: `Class.method`, or `connect().function`. */
  readonly declaredBy: string;
}

/** Says which events and receivers this process has. */
@Injectable()
export class KnownReceivers {
  constructor(
    private readonly catalogue: EventCatalogue,
    private readonly registry: ReceiverRegistry,
  ) {}

  events(): readonly KnownEvent[] {
    return this.catalogue
      .all()
      .map(({ name, version, target }) => ({ name, version, target }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  receivers(event: EventReference | undefined): readonly KnownReceiver[] {
    const receivers = this.registry.all();
    if (event === undefined) return receivers.map((receiver) => this.describe(receiver));
    const { name } = this.catalogue.resolve(event);
    return receivers
      .filter(({ subscriptions }) => subscriptions.some(({ pattern }) => matchesPattern(pattern, name)))
      .map((receiver) => this.describe(receiver));
  }

  private describe(receiver: Receiver): KnownReceiver {
    const { id, aliases, subscriptions, sender, transactional, reach } = receiver;
    const { className = '', methodName = '' } = this.registry.placeOf(id) ?? {};
    return {
      id,
      aliases,
      events: subscriptions.map(({ pattern }) => pattern),
      sender,
      transactional,
      reach,
      declaredBy: `${className}.${methodName}`,
    };
  }
}

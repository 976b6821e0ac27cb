import { Injectable, type Type } from '@nestjs/common';
import type { Receiver } from '../engine/receivers/receiver.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { InvalidReceiverError } from '../errors/invalid-receiver.error.js';
import { JobsError } from '../errors/jobs.error.js';
import type { OptionChecks } from '../options/option-checks.js';
import { assembleReceivers, type DeclaredMethod, type Reception } from './assemble-receivers.js';
import { EventCatalogue } from './definition/event-catalogue.js';
import type { EventClass, EventDefinition } from './definition/event-definition.js';
import { assertEventPattern } from './definition/event-name.js';
import { EventDecoder } from './event-decoder.js';
import { HandlerFactory } from './handlers/handler.factory.js';
import type { ReceiverDeclaration } from './receiver-declaration.js';

/** Makes the receivers of a method decorated with `@OnReliableEvent`: one for each id its decorators name. */
@Injectable()
export class ReceiverFactory {
  constructor(
    private readonly catalogue: EventCatalogue,
    private readonly handlers: HandlerFactory,
  ) {}

  /** @throws JobsError naming class, method and option when an option cannot be used. */
  async create(method: DeclaredMethod, declarations: readonly ReceiverDeclaration[]): Promise<readonly Receiver[]> {
    return assembleReceivers(this.handlers, method, declarations, (id, ofId, checks) =>
      this.receptionOf(id, ofId, checks),
    );
  }

  /** What a receiver of the given declarations hears. */
  receptionOf(id: string, declarations: readonly ReceiverDeclaration[], checks: OptionChecks): Reception {
    const { patterns, definitions } = this.eventsOf(declarations, checks);
    const decoder = new EventDecoder(id, patterns, definitions);
    return {
      subscriptions: patterns.map((pattern) => ({ pattern, version: definitions.get(pattern)?.version ?? null })),
      reach: 'both',
      decode: (stored) => decoder.decode(stored),
      received: onlyClassOf(patterns, definitions),
    };
  }

  private eventsOf(declarations: readonly ReceiverDeclaration[], checks: OptionChecks): ReceivedEvents {
    const patterns = new Set<string>();
    const definitions = new Map<string, EventDefinition>();
    for (const { event } of declarations) {
      try {
        if (typeof event === 'string') {
          assertEventPattern(event);
          patterns.add(event);
          continue;
        }
        const definition = this.definitionOf(event, checks);
        patterns.add(definition.name);
        definitions.set(definition.name, definition);
      } catch (error) {
        if (!(error instanceof JobsError) || error instanceof InvalidOptionError) throw error;
        throw new InvalidReceiverError(checks.place, error.message, { cause: error });
      }
    }
    return { patterns: [...patterns], definitions };
  }

  private definitionOf(event: unknown, checks: OptionChecks): EventDefinition {
    if (isClassOrDefinition(event)) return this.catalogue.add(event);
    throw checks.invalid(
      'event',
      'a class decorated with @ReliableEvent, a definition made by reliableEvent(), a name or a pattern ' +
        '(undefined often comes from files that import each other)',
      event,
    );
  }
}

/** What a receiver listens to; definitions by the names that are listened to by class or definition. */
interface ReceivedEvents {
  readonly patterns: readonly string[];
  readonly definitions: ReadonlyMap<string, EventDefinition>;
}

function isClassOrDefinition(event: unknown): event is EventClass | EventDefinition {
  if (typeof event === 'function') return true;
  return typeof event === 'object' && event !== null && 'name' in event && 'version' in event;
}

/** Of a receiver of one class that class; pipes of any other are told nothing they could rely on. */
function onlyClassOf(patterns: readonly string[], definitions: ReadonlyMap<string, EventDefinition>): Type | undefined {
  const [definition] = definitions.values();
  // Pipes are told the class, and never construct an abstract one: Nest's type knows concrete classes only.
  return patterns.length === 1 ? (definition?.target as Type | undefined) : undefined;
}

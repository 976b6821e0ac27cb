import { Injectable, type Type } from '@nestjs/common';
import type { Receiver } from '../engine/receivers/receiver.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { InvalidReceiverError } from '../errors/invalid-receiver.error.js';
import { JobsError } from '../errors/jobs.error.js';
import { OptionChecks } from '../options/option-checks.js';
import { EventCatalogue } from './definition/event-catalogue.js';
import type { EventClass, EventDefinition } from './definition/event-definition.js';
import { assertEventPattern } from './definition/event-name.js';
import { EventDecoder } from './event-decoder.js';
import { HandlerFactory, type HandlerMethod } from './handlers/handler.factory.js';
import type { ReceiverDeclaration } from './receiver-declaration.js';
import {
  checkReceiverId,
  checkReceiverOptions,
  mergeReceiverOptions,
  resolveReceiverOptions,
} from './receiver-options.js';

/** A decorated method as it was discovered. */
export interface DeclaredMethod extends Omit<HandlerMethod, 'eventClass'> {
  readonly declarations: readonly ReceiverDeclaration[];
}

/** Makes the receivers of a decorated method: one for each id its decorators name. */
@Injectable()
export class ReceiverFactory {
  constructor(
    private readonly catalogue: EventCatalogue,
    private readonly handlers: HandlerFactory,
  ) {}

  /** @throws JobsError naming class, method and option when an option cannot be used. */
  async create(method: DeclaredMethod): Promise<readonly Receiver[]> {
    const checks = new OptionChecks(`${method.handlerClass.name}.${method.methodName}`);
    const byId = new Map<string, ReceiverDeclaration[]>();
    for (const declaration of method.declarations) {
      checkReceiverOptions(declaration.options, checks);
      const id = idOf(declaration.options.id, method, checks);
      byId.set(id, [...(byId.get(id) ?? []), declaration]);
    }
    return Promise.all([...byId].map(([id, declarations]) => this.createOne(id, declarations, method, checks)));
  }

  private async createOne(
    id: string,
    declarations: readonly ReceiverDeclaration[],
    method: DeclaredMethod,
    checks: OptionChecks,
  ): Promise<Receiver> {
    const stacked = declarations.map(({ options }) => options);
    const settings = resolveReceiverOptions(mergeReceiverOptions(id, stacked, checks.place), checks);
    const { patterns, definitions } = this.eventsOf(declarations, checks);
    const decoder = new EventDecoder(id, patterns, definitions);
    const handle = await this.handlers.create({ ...method, eventClass: onlyClassOf(patterns, definitions) });
    return {
      id,
      subscriptions: patterns.map((pattern) => ({ pattern, version: definitions.get(pattern)?.version ?? null })),
      ...settings,
      invoke: async (stored, context) => handle(await decoder.decode(stored), context),
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

function idOf(id: string | undefined, { handlerClass, methodName }: DeclaredMethod, checks: OptionChecks): string {
  if (id === undefined && handlerClass.name === '') {
    throw checks.invalid('id', 'given when the class has no name', id);
  }
  return checkReceiverId('id', id ?? `${handlerClass.name}.${methodName}`, checks);
}

/** Of a receiver of one class that class; pipes of any other are told nothing they could rely on. */
function onlyClassOf(patterns: readonly string[], definitions: ReadonlyMap<string, EventDefinition>): Type | undefined {
  const [definition] = definitions.values();
  // Pipes are told the class, and never construct an abstract one: Nest's type knows concrete classes only.
  return patterns.length === 1 ? (definition?.target as Type | undefined) : undefined;
}

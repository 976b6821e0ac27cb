import { Injectable, type OnModuleInit, Scope, type Type } from '@nestjs/common';
import { type ContextId, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ReceiverRegistry } from '../engine/receivers/receiver-registry.js';
import { JobsError } from '../errors/jobs.error.js';
import type { ProviderWrapper } from './handlers/provision.js';
import { ReceiverFactory } from './receiver.factory.js';
import { ReliableEventsMetadataAccessor } from './reliable-events-metadata.accessor.js';

/** Finds the methods of providers and controllers that receive events, and registers them. */
@Injectable()
export class ReliableEventsExplorer implements OnModuleInit {
  private explored: Promise<void> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly accessor: ReliableEventsMetadataAccessor,
    private readonly factory: ReceiverFactory,
    private readonly registry: ReceiverRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.explore();
  }

  /** Registers what it finds, once however often it is asked. */
  explore(): Promise<void> {
    this.explored ??= this.exploreAll();
    return this.explored;
  }

  /**
   * Refuses to look while Nest is still making the providers: it would miss what a factory has not returned yet.
   *
   * @throws JobsError naming a provider that is not made yet.
   */
  assertComplete(): void {
    const unmade = [...this.discovery.getProviders(), ...this.discovery.getControllers()].find(
      (wrapper) => !isMade(wrapper),
    );
    if (unmade === undefined) return;
    throw new JobsError(
      `An event was emitted while the application was still being put together (${String(unmade.name)} is not made yet), ` +
        'so its receivers are not known. Emit in onModuleInit or later, not in a constructor or provider factory.',
    );
  }

  private async exploreAll(): Promise<void> {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const explored = new Set<unknown>();
    // What Nest made of a class comes first: a factory elsewhere may hand out the same instance, and knows nothing of its enhancers.
    for (const wrapper of [...wrappers.filter(isMadeOfClass), ...wrappers.filter((other) => !isMadeOfClass(other))]) {
      const explorable: unknown = wrapper.instance ?? wrapper;
      if (wrapper.isAlias || explored.has(explorable)) continue;
      explored.add(explorable);
      await this.exploreProvider(wrapper);
    }
  }

  private async exploreProvider(wrapper: ProviderWrapper): Promise<void> {
    const prototype = prototypeOf(wrapper);
    if (prototype === undefined) return;
    for (const methodName of this.scanner.getAllMethodNames(prototype)) {
      const declarations = this.accessor.declarationsOf(prototype, methodName);
      if (declarations.length === 0) continue;
      const handlerClass = prototype.constructor as Type;
      const method = Reflect.get(prototype, methodName) as (...args: never[]) => unknown;
      const receivers = await this.factory.create({ wrapper, handlerClass, methodName, method, declarations });
      const moduleName = wrapper.host?.name ?? 'an unknown module';
      for (const receiver of receivers) {
        this.registry.add(receiver, { declaredBy: handlerClass, className: handlerClass.name, methodName, moduleName });
      }
    }
  }
}

function isMadeOfClass(wrapper: ProviderWrapper): boolean {
  return typeof wrapper.metatype === 'function' && !wrapper.inject;
}

/**
 * Whether Nest is done with making a provider, as far as it makes one at all before there is a request. It tells by the instance it holds for all requests alike, and asks for it by a key of
 * its own, which is not exported; so the getter that asks is run on a stand-in that passes the key on.
 */
function isMade(wrapper: ProviderWrapper): boolean {
  if (wrapper.scope === Scope.REQUEST || wrapper.scope === Scope.TRANSIENT) return true;
  let made = true;
  Reflect.get(wrapper, 'instance', {
    getInstanceByContextId: (key: ContextId) => {
      const held = wrapper.getInstanceByContextId(key);
      made = held.isResolved !== false;
      return held;
    },
  });
  return made;
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

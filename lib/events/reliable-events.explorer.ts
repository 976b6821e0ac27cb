import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ReceiverRegistry } from '../engine/receivers/receiver-registry.js';
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

import { Injectable, type OnModuleInit, Scope } from '@nestjs/common';
import { type ContextId, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { DataSourceScope } from '../data-sources/data-source-scope.js';
import { ReceiverRegistry } from '../engine/receivers/receiver-registry.js';
import { JobsError } from '../errors/jobs.error.js';
import { declarationsIn } from './assemble-receivers.js';
import { discoveredMethods } from './discovered-methods.js';
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
    private readonly scope: DataSourceScope,
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
      `An event was emitted, or a reliable receiver connected, while the application was still being put together (${String(unmade.name)} is not made yet), ` +
        'so its receivers are not known. Do that in onModuleInit or later, not in a constructor or provider factory.',
    );
  }

  private async exploreAll(): Promise<void> {
    for (const discovered of discoveredMethods(this.discovery, this.scanner)) {
      const { handlerClass, prototype, methodName, moduleName } = discovered;
      const declared = this.accessor.declarationsOf(prototype, methodName);
      const declarations = declarationsIn(this.scope, discovered, declared);
      if (declarations.length === 0) continue;
      for (const receiver of await this.factory.create(discovered, declarations)) {
        this.registry.add(receiver, { declaredBy: handlerClass, className: handlerClass.name, methodName, moduleName });
      }
    }
  }
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

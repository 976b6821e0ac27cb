import type { DiscoveryService } from '@nestjs/core';

/** What is used of the emitter of `@nestjs/event-emitter`. It is found and not imported, so that nobody needs the package who does not use it. */
export interface PlainEmitter {
  /** Calls listeners, and rejects with what one of them threw. */
  emitAsync(name: string, ...values: unknown[]): Promise<unknown>;
}

const MODULE = 'EventEmitterModule';

/** The emitter that `EventEmitterModule` provides in this application. */
export function findPlainEmitter(discovery: DiscoveryService): PlainEmitter | undefined {
  for (const { host, instance } of discovery.getProviders()) {
    if (host?.name === MODULE && isPlainEmitter(instance)) return instance;
  }
  return undefined;
}

function isPlainEmitter(value: unknown): value is PlainEmitter {
  return typeof value === 'object' && value !== null && 'emitAsync' in value && typeof value.emitAsync === 'function';
}

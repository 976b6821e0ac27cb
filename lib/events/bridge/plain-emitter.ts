import type { DiscoveryService } from '@nestjs/core';

/** What is used of the emitter of `@nestjs/event-emitter`. It is found and not imported, so that nobody needs the package who does not use it. */
export interface PlainEmitter {
  /** Calls listeners, and rejects with what one of them threw. */
  emitAsync(name: string, ...values: unknown[]): Promise<unknown>;
}

const EMITTER_CLASS = 'EventEmitter2';

/** The emitter that `EventEmitterModule` provides in this application. */
export function findPlainEmitter(discovery: DiscoveryService): PlainEmitter | undefined {
  const provider = discovery
    .getProviders()
    .find(({ token, isAlias }) => typeof token === 'function' && token.name === EMITTER_CLASS && !isAlias);
  const emitter: unknown = provider?.instance;
  return isPlainEmitter(emitter) ? emitter : undefined;
}

function isPlainEmitter(value: unknown): value is PlainEmitter {
  return typeof value === 'object' && value !== null && 'emitAsync' in value && typeof value.emitAsync === 'function';
}

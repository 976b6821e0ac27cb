import { Injectable } from '@nestjs/common';
import type { EmitInput } from '../deliveries/emit-input.js';
import type { AppendedEvent } from '../deliveries/event-store.port.js';
import { Lifecycle } from './lifecycle.service.js';

/** Tells the application's listeners of events, once they are committed. */
@Injectable()
export class EmissionAnnouncer {
  constructor(private readonly lifecycle: Lifecycle) {}

  /**
   * What to call when the transaction has committed in which events were written; `undefined` where nobody listens. It returns at once:
   * what is called after a commit is called while the connection is still held, so listeners have their turn later.
   */
  afterCommit(inputs: readonly EmitInput[], written: readonly AppendedEvent[]): (() => void) | undefined {
    return this.lifecycle.hears('emitted') ? () => setImmediate(() => this.announce(inputs, written)) : undefined;
  }

  private announce(inputs: readonly EmitInput[], written: readonly AppendedEvent[]): void {
    written.forEach(({ id, created, receivers }, index) => {
      const input = inputs[index];
      if (!created || input === undefined) return;
      const { correlationId = null, tenant = null, key = null } = input.options;
      this.lifecycle.tell('emitted', {
        eventId: id,
        eventName: input.name,
        receivers,
        correlationId,
        tenant,
        key,
      });
    });
  }
}

import { Injectable } from '@nestjs/common';
import type { EmitInput } from '../deliveries/emit-input.js';
import type { AppendedEvent } from '../deliveries/event-store.port.js';
import { Lifecycle } from './lifecycle.service.js';

/** Told of events at the moment of their commit; it must not throw. */
export type EmissionObserver = (inputs: readonly EmitInput[], written: readonly AppendedEvent[]) => void;

/** Tells the application's listeners of events, once they are committed. */
@Injectable()
export class EmissionAnnouncer {
  private readonly observers: EmissionObserver[] = [];

  constructor(private readonly lifecycle: Lifecycle) {}

  /** Calls back at each commit, before whoever waits for the commit goes on. */
  observe(observer: EmissionObserver): void {
    this.observers.push(observer);
  }

  /**
   * What to call when the transaction has committed in which events were written; `undefined` where nobody listens. It returns at once:
   * what is called after a commit is called while the connection is still held, so listeners have their turn later.
   */
  afterCommit(inputs: readonly EmitInput[], written: readonly AppendedEvent[]): (() => void) | undefined {
    const isHeard = this.lifecycle.hears('emitted');
    if (!isHeard && this.observers.length === 0) return undefined;
    return () => {
      for (const observer of this.observers) observer(inputs, written);
      if (isHeard) setImmediate(() => this.announce(inputs, written));
    };
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

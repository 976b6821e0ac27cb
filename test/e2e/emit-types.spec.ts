import { z } from 'zod';
import {
  type DeliveryContext,
  emission,
  type EmittedEvent,
  OnReliableEvent,
  ReliableEvent,
  reliableEvent,
  type ReliableEvents,
} from '../../lib/index.js';

declare module '../../lib/events/definition/event-types.js' {
  interface ReliableEventPayloads {
    'tea.brewed': { readonly minutes: number };
  }
}

@ReliableEvent('tea.poured')
class TeaPoured {
  constructor(readonly cups: number) {}
}

const given = reliableEvent<{ sugar: boolean }>('tea.sweetened');
const transformed = reliableEvent('tea.weighed', {
  schema: z.object({ grams: z.string().transform(Number), at: z.iso.datetime().optional() }),
});
const payloadOfOptions = { key: 'k', tenant: 't' };

/** Checked by `tsc`, never called. */
export function accepted(events: ReliableEvents): Promise<EmittedEvent | EmittedEvent[]>[] {
  return [
    events.emit(new TeaPoured(2)),
    events.emit(new TeaPoured(2), { delay: '5m', dedupeKey: ['a', 'b'], runAt: new Date() }),
    events.emit(given, { sugar: true }),
    events.emit(given, { sugar: true }, { priority: 0 }),
    events.emit(transformed, { grams: '3' }),
    events.emit('tea.brewed', { minutes: 4 }),
    events.emitMany([new TeaPoured(1), emission(given, { sugar: true }), emission('tea.brewed', { minutes: 4 })]),
    events.emitMany([emission(new TeaPoured(1), { delay: 5 })], { headers: { trace: 'x' } }),
  ];
}

/** Checked by `tsc`, never called: each line is an error, or the comment above it is one. */
export function refused(events: ReliableEvents): unknown[] {
  return [
    // @ts-expect-error a payload of another type
    events.emit(given, { sugar: 'two' }),
    // @ts-expect-error no payload
    events.emit(given),
    // @ts-expect-error a payload that happens to look like options
    events.emit(given, payloadOfOptions),
    // @ts-expect-error the schema's output in place of its input
    events.emit(transformed, { grams: 3 }),
    // @ts-expect-error a Date where its text is due
    events.emit(transformed, { grams: '3', at: new Date() }),
    // @ts-expect-error a declared name with another payload
    events.emit('tea.brewed', { minutes: '4' }),
    // @ts-expect-error a name that nobody declared
    events.emit('tea.spilt', {}),
    // @ts-expect-error the class in place of an instance
    events.emit(TeaPoured, { cups: 1 }),
    // @ts-expect-error an option that does not exist
    events.emit(new TeaPoured(2), { dedupKey: 'a' }),
    // @ts-expect-error an option of another type
    events.emit(new TeaPoured(2), { priority: 'high' }),
    // @ts-expect-error a definition without its payload
    events.emitMany([given]),
    // @ts-expect-error a name without its payload
    events.emitMany(['tea.brewed']),
    // @ts-expect-error which transaction to join is said for all events of a call
    emission(new TeaPoured(1), { requireTransaction: true }),
    // @ts-expect-error a payload of another type
    emission(given, { sugar: 1 }),
  ];
}

/** Checked by `tsc`: what receivers are given. */
class Receivers {
  @OnReliableEvent(TeaPoured)
  poured({ cups }: TeaPoured, { attempt }: DeliveryContext): number {
    return cups + attempt;
  }

  @OnReliableEvent(transformed)
  weighed({ grams }: { grams: number; at?: string | undefined }): number {
    return grams;
  }

  @OnReliableEvent('tea.brewed')
  brewed({ minutes }: { minutes: number }): number {
    return minutes;
  }

  // @ts-expect-error the payload of another event
  @OnReliableEvent(given)
  sweetened(_event: { sugar: string }): void {}
}

it('is checked by the compiler', () => {
  expect([accepted, refused, Receivers]).toHaveLength(3);
});

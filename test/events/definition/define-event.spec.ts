import { z } from 'zod';
import { EventDefinitionError } from '../../../lib/errors/event-definition.error.js';
import type { EventDefinition, ReliableEventOptions } from '../../../lib/events/definition/event-definition.js';
import type { EventInput, EventOutput } from '../../../lib/events/definition/event-types.js';
import { eventDefinitionOfClass, ReliableEvent } from '../../../lib/events/definition/reliable-event.decorator.js';
import { reliableEvent } from '../../../lib/events/definition/reliable-event.js';

declare module '../../../lib/events/definition/event-types.js' {
  interface ReliableEventPayloads {
    'test.declared': { orderId: string };
  }
}

/** The two types are the same, judged by the compiler when it checks the tests. */
type Equal<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
const holds = (claim: true): void => {
  expect(claim).toBe(true);
};

@ReliableEvent('payment.completed', { version: 2, upcasters: { 1: (payload) => ({ paymentId: payload['id'] }) } })
class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}

const define = (options: unknown): EventDefinition =>
  reliableEvent('order.paid', options as Omit<ReliableEventOptions, 'schema'>);

describe('definitions', () => {
  it('has version 1 and nothing else by default', () => {
    const definition = reliableEvent('order.paid');
    expect(definition).toEqual({
      name: 'order.paid',
      version: 1,
      schema: undefined,
      upcasters: undefined,
      target: undefined,
    });
    expect(Object.isFrozen(definition)).toBe(true);
  });

  it('is kept on the class under a symbol that every copy of the package shares, and is not inherited', () => {
    expect(eventDefinitionOfClass(PaymentCompleted)).toMatchObject({
      name: 'payment.completed',
      version: 2,
      target: PaymentCompleted,
    });
    expect(Reflect.get(PaymentCompleted, Symbol.for('nestjs-jobs:reliable-event'))).toBe(
      eventDefinitionOfClass(PaymentCompleted),
    );
    expect(Object.keys(PaymentCompleted)).toEqual([]);
    expect(eventDefinitionOfClass(class Refund extends PaymentCompleted {})).toBeUndefined();
  });

  it('refuses a second name for a class', () => {
    expect(() => ReliableEvent('payment.done')(PaymentCompleted)).toThrow(
      'payment.done: PaymentCompleted is a reliable event already; a class has one name',
    );
  });

  it.each([0, -1, 1.5, 32_768, Number.NaN, '2', null])('refuses version %p', (version) => {
    expect(() => define({ version })).toThrow(EventDefinitionError);
    expect(() => define({ version })).toThrow(/^order\.paid: version is .*; give an integer from 1 to 32767$/);
  });

  it('wants upcasters for every version below, or none, and names the gap', () => {
    const up = (payload: object): object => payload;
    expect(define({ version: 3 }).upcasters).toBeUndefined();
    expect(Object.keys(define({ version: 3, upcasters: { 1: up, 2: up } }).upcasters ?? {})).toEqual(['1', '2']);
    expect(() => define({ version: 4, upcasters: { 1: up, 3: up } })).toThrow(
      'order.paid: the upcaster from version 2 is undefined; give one for each version from 1 to 3, or none at all',
    );
    expect(() => define({ version: 2, upcasters: {} })).toThrow('the upcaster from version 1 is undefined');
    expect(() => define({ version: 2, upcasters: { 1: up, 2: up } })).toThrow(
      'there is an upcaster from version 2, but version is 2',
    );
    expect(() => define({ version: 2, upcasters: { 1: up, 0: up } })).toThrow('there is an upcaster from version 0');
    expect(() => define({ version: 2, upcasters: { 1: 'up' } })).toThrow('the upcaster from version 1 is string');
    expect(() => define({ version: 2, upcasters: [up, up] })).toThrow(
      'upcasters is array; give an object of functions',
    );
  });

  it.each([[{}], [null], ['zod'], [{ '~standard': {} }], [() => true]])('refuses %p as a schema', (schema) => {
    expect(() => define({ schema })).toThrow(
      /schema is .*, no Standard Schema; give one of zod, valibot, arktype or the like/,
    );
  });

  it('types the payload of both ends', () => {
    const given = reliableEvent<{ orderId: string }>('order.shipped');
    const bySchema = reliableEvent('order.refunded', {
      schema: z.object({ at: z.string().transform((text) => new Date(text)) }),
    });
    holds(true satisfies Equal<EventInput<typeof given>, { orderId: string }>);
    holds(true satisfies Equal<EventOutput<typeof given>, { orderId: string }>);
    holds(true satisfies Equal<EventInput<typeof bySchema>, { at: string }>);
    holds(true satisfies Equal<EventOutput<typeof bySchema>, { at: Date }>);
    holds(true satisfies Equal<EventInput<typeof PaymentCompleted>, PaymentCompleted>);
    holds(true satisfies Equal<EventOutput<typeof PaymentCompleted>, PaymentCompleted>);
    holds(true satisfies Equal<EventInput<'test.declared'>, { orderId: string }>);
    holds(true satisfies Equal<EventOutput<'test.unknown'>, unknown>);
    holds(true satisfies Equal<EventOutput<'test.*'>, unknown>);
    const definitions: EventDefinition[] = [given, bySchema];
    expect(definitions.map(({ name }) => name)).toEqual(['order.shipped', 'order.refunded']);
  });
});

import type { StandardSchemaV1 } from '@standard-schema/spec';
import fc from 'fast-check';
import { z } from 'zod';
import { EventSchemaError } from '../../../lib/errors/event-schema.error.js';
import { EventUpcastError } from '../../../lib/errors/event-upcast.error.js';
import { PayloadError } from '../../../lib/errors/payload.error.js';
import { UnknownEventVersionError } from '../../../lib/errors/unknown-event-version.error.js';
import { decodeEvent, encodeEvent } from '../../../lib/events/definition/event-codec.js';
import type { EventClass, EventDefinition } from '../../../lib/events/definition/event-definition.js';
import { eventDefinitionOfClass, ReliableEvent } from '../../../lib/events/definition/reliable-event.decorator.js';
import { reliableEvent } from '../../../lib/events/definition/reliable-event.js';

const LIMIT = 256 * 1024;
const definitionOf = (target: EventClass): EventDefinition => {
  const definition = eventDefinitionOfClass(target);
  if (definition === undefined) {
    throw new Error('not decorated');
  }
  return definition;
};
const decode = (definition: EventDefinition, payload: string, version = definition.version): unknown =>
  decodeEvent(definition, { name: definition.name, version, payload });

let constructed = 0;

@ReliableEvent('payment.completed')
class PaymentCompleted {
  readonly currency: string = 'EUR';
  note?: string;

  constructor(
    readonly paymentId: string,
    readonly amount: number,
  ) {
    constructed++;
  }

  get label(): string {
    return `${this.amount} ${this.currency}`;
  }
}

/** Answers what it is told to, at once or later. */
function schemaAnswering(
  answer: (value: unknown) => StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>>,
): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'test', validate: answer } };
}

describe('the event codec', () => {
  it('gives an instance of the class, without running its constructor', () => {
    const definition = definitionOf(PaymentCompleted);
    const text = encodeEvent(definition, new PaymentCompleted('p1', 5), LIMIT);
    expect(JSON.parse(text as string)).toEqual({ currency: 'EUR', paymentId: 'p1', amount: 5 });
    const before = constructed;
    const event = decode(definition, text as string);
    expect(event).toBeInstanceOf(PaymentCompleted);
    expect(event).toEqual(
      Object.assign(Object.create(PaymentCompleted.prototype), { currency: 'EUR', paymentId: 'p1', amount: 5 }),
    );
    expect((event as PaymentCompleted).label).toBe('5 EUR');
    expect(constructed).toBe(before);
  });

  it('keeps a stored key from changing the class or running into its members', () => {
    const event = decode(
      definitionOf(PaymentCompleted),
      '{"__proto__":{"admin":true},"label":"forged","constructor":1,"toString":2}',
    );
    expect(event).toBeInstanceOf(PaymentCompleted);
    expect(Object.getPrototypeOf(event)).toBe(PaymentCompleted.prototype);
    expect(Object.getOwnPropertyDescriptor(event, 'label')).toEqual({
      value: 'forged',
      writable: true,
      enumerable: true,
      configurable: true,
    });
    expect((event as { admin?: boolean }).admin).toBeUndefined();
  });

  it('takes a plain object for a class and nothing else that is no instance', () => {
    const definition = definitionOf(PaymentCompleted);
    expect(encodeEvent(definition, { paymentId: 'p' }, LIMIT)).toBe('{"paymentId":"p"}');
    expect(() => encodeEvent(definition, ['p'], LIMIT)).toThrow(
      'payload: array is not a PaymentCompleted; emit an instance of it',
    );
    expect(() => encodeEvent(definition, null, LIMIT)).toThrow(PayloadError);
    class Other extends PaymentCompleted {}
    expect(() => encodeEvent(definition, new Other('p', 1), LIMIT)).toThrow(
      'payload: an instance of Other would arrive as',
    );
    expect(() => decode(definition, '[1]')).toThrow(
      'payload: array cannot become a PaymentCompleted; only an object can',
    );
    expect(() => decode(definition, 'null')).toThrow(PayloadError);
  });

  it('takes any JSON for a name, and no instance', () => {
    const definition = reliableEvent<unknown>('count.changed');
    expect(encodeEvent(definition, 7, LIMIT)).toBe('7');
    expect(decode(definition, '[1,null]')).toEqual([1, null]);
    expect(() => encodeEvent(definition, new PaymentCompleted('p', 1), LIMIT)).toThrow(
      'payload: an instance of PaymentCompleted',
    );
    expect(() => encodeEvent(definition, 'x'.repeat(10), 5, 'limits.payload')).toThrow(
      'more than the 5 of limits.payload',
    );
  });

  describe('with a schema', () => {
    const schema = z.object({
      amount: z.coerce.number().positive(),
      at: z.string().transform((text) => new Date(text)),
      items: z.array(z.object({ sku: z.string() })).default([]),
    });
    const definition = reliableEvent('order.paid', { schema });

    it('stores the input and gives the output, without a promise', () => {
      const input = { amount: '5', at: '2026-01-01T00:00:00.000Z' };
      const text = encodeEvent(definition, input, LIMIT);
      expect(text).toBe(JSON.stringify(input));
      expect(decode(definition, text as string)).toEqual({ amount: 5, at: new Date(input.at), items: [] });
    });

    it('reports issues by path, at emit and at a receiver', () => {
      const bad = { amount: -1, at: '', items: [{ sku: 'a' }, { sku: 7 }] };
      expect(() => encodeEvent(definition, bad, LIMIT)).toThrow(EventSchemaError);
      expect(() => encodeEvent(definition, bad, LIMIT)).toThrow(
        /^order\.paid does not match its schema: payload\.amount: .*; payload\.items\[1\]\.sku: /,
      );
      expect(() => decode(definition, '{"amount":1}')).toThrow(
        expect.objectContaining({
          eventName: 'order.paid',
          issues: [{ path: 'payload.at', message: expect.any(String) as string }],
        }),
      );
    });

    it('awaits an asynchronous schema', async () => {
      const asynchronous = reliableEvent('order.paid', {
        schema: z.object({
          id: z
            .string()
            .refine((id) => Promise.resolve(id !== 'gone'), 'is gone')
            .transform((id) => Promise.resolve(`#${id}`)),
        }),
      });
      await expect(encodeEvent(asynchronous, { id: 'a' }, LIMIT)).resolves.toBe('{"id":"a"}');
      await expect(decode(asynchronous, '{"id":"a"}')).resolves.toEqual({ id: '#a' });
      await expect(encodeEvent(asynchronous, { id: 'gone' }, LIMIT)).rejects.toThrow(
        'order.paid does not match its schema: payload.id: is gone',
      );
      await expect(decode(asynchronous, '{"id":"gone"}')).rejects.toThrow(EventSchemaError);
    });

    it('stores what was emitted, even if it changes while the schema works', async () => {
      let answer: () => void = () => undefined;
      const slow = schemaAnswering((value) => new Promise((resolve) => (answer = () => resolve({ value }))));
      const value = { id: 1 };
      const text = encodeEvent(reliableEvent('order.paid', { schema: slow }), value, LIMIT);
      value.id = 2;
      answer();
      await expect(text).resolves.toBe('{"id":1}');
    });

    it('shows five issues, and takes segments in every form of the standard', () => {
      const issues = [
        { message: 'whole' },
        { message: 'keyed', path: [{ key: 'a' }, 0, { key: 'b c' }] },
        ...Array.from({ length: 5 }, () => ({ message: 'x' })),
      ];
      const failing = reliableEvent('order.paid', { schema: schemaAnswering(() => ({ issues })) });
      expect(() => encodeEvent(failing, {}, LIMIT)).toThrow(
        'order.paid does not match its schema: payload: whole; payload.a[0]["b c"]: keyed; payload: x; payload: x; payload: x (and 2 more)',
      );
      const silent = reliableEvent('order.paid', { schema: schemaAnswering(() => ({ issues: [] })) });
      expect(() => encodeEvent(silent, {}, LIMIT)).toThrow(EventSchemaError);
    });

    it('rebuilds the class from the output, or takes the instance a schema made', () => {
      class Order {
        declare at: Date;
      }
      const made = new Order();
      ReliableEvent('order.made', {
        schema: schemaAnswering((value) => ({ value: { at: new Date((value as { at: string }).at) } })),
      })(Order);
      const event = decode(definitionOf(Order), '{"at":"2026-01-01T00:00:00.000Z"}');
      expect(event).toBeInstanceOf(Order);
      expect((event as Order).at).toEqual(new Date('2026-01-01T00:00:00.000Z'));
      const instance = { ...definitionOf(Order), schema: schemaAnswering(() => ({ value: made })) };
      expect(decode(instance, '{}')).toBe(made);
    });
  });

  describe('with versions', () => {
    const steps: number[] = [];
    const definition = reliableEvent<unknown>('order.paid', {
      version: 3,
      upcasters: {
        1: (payload) => {
          steps.push(1);
          return { cents: Number(payload['euro']) * 100 };
        },
        2: (payload) => {
          steps.push(2);
          return { ...payload, currency: 'EUR' };
        },
      },
    });

    it('brings an old payload forward step by step', () => {
      expect(decode(definition, '{"euro":5}', 1)).toEqual({ cents: 500, currency: 'EUR' });
      expect(decode(definition, '{"cents":7}', 2)).toEqual({ cents: 7, currency: 'EUR' });
      expect(decode(definition, '{"cents":7}', 3)).toEqual({ cents: 7 });
      expect(steps).toEqual([1, 2, 2]);
    });

    it('takes old payloads as they are when there are no upcasters', () => {
      expect(decode(reliableEvent<unknown>('order.paid', { version: 3 }), '{"euro":5}', 1)).toEqual({ euro: 5 });
    });

    it('refuses a version that is newer than it knows', () => {
      expect(() => decode(definition, '{}', 4)).toThrow(UnknownEventVersionError);
      expect(() => decode(definition, '{}', 4)).toThrow(
        'order.paid was stored with version 4, but this process knows versions up to 3; deploy the newer definition here',
      );
    });

    it('refuses an upcaster that returns no payload', () => {
      for (const [result, kind] of [
        [undefined, 'undefined'],
        [Promise.resolve({}), 'Promise'],
        [[], 'array'],
      ] as const) {
        const broken = reliableEvent<unknown>('order.paid', { version: 2, upcasters: { 1: () => result as never } });
        expect(() => decode(broken, '{}', 1)).toThrow(EventUpcastError);
        expect(() => decode(broken, '{}', 1)).toThrow(
          `order.paid: the upcaster from version 1 returned ${kind}; it must return the payload`,
        );
      }
      expect(() => decode(definition, '[]', 1)).toThrow(
        'payload: array of version 1 cannot be upcast; only objects can',
      );
    });
  });

  it('gives every instance back as it was', () => {
    const value = fc
      .jsonValue()
      .filter((json) => !/"(?:__proto__|constructor|prototype|toJSON)"|-0/.test(JSON.stringify(json)));
    fc.assert(
      fc.property(fc.string(), value, (paymentId, note) => {
        const event = Object.assign(new PaymentCompleted(paymentId.replaceAll('\0', ''), 1), { note });
        const definition = definitionOf(PaymentCompleted);
        try {
          expect(decode(definition, encodeEvent(definition, event, LIMIT) as string)).toEqual(event);
        } catch (error) {
          // NUL in a text or key of `note`, and a -0 that JSON.stringify hides from the filter
          expect(error).toBeInstanceOf(PayloadError);
          expect(['string', 'key', '-0']).toContain((error as PayloadError).kind);
        }
      }),
    );
  });
});

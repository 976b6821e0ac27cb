import { EventConflictError } from '../../../lib/errors/event-conflict.error.js';
import { EventDefinitionError } from '../../../lib/errors/event-definition.error.js';
import { EventCatalogue } from '../../../lib/events/definition/event-catalogue.js';
import { eventDefinitionOfClass, ReliableEvent } from '../../../lib/events/definition/reliable-event.decorator.js';
import { reliableEvent } from '../../../lib/events/definition/reliable-event.js';

@ReliableEvent('payment.completed')
class PaymentCompleted {
  constructor(readonly paymentId: string) {}
}

@ReliableEvent('payment.completed')
class PaymentDone {}

@ReliableEvent('tags.changed')
class TagsChanged extends Set<string> {}

class PaymentRefunded extends PaymentCompleted {}

describe('EventCatalogue', () => {
  it('finds the definition of an instance, added or not', () => {
    const catalogue = new EventCatalogue();
    const definition = eventDefinitionOfClass(PaymentCompleted);
    expect(catalogue.definitionOf(new PaymentCompleted('1'))).toBe(definition);
    expect(catalogue.definitionOf(new PaymentCompleted('2'))).toBe(definition);
    expect(catalogue.byName('payment.completed')).toBe(definition);
    expect(catalogue.byName('payment.failed')).toBeUndefined();
  });

  it('refuses two definitions of one name, whichever comes first', () => {
    const catalogue = new EventCatalogue();
    catalogue.add(PaymentCompleted);
    catalogue.add(PaymentCompleted);
    expect(() => catalogue.add(PaymentDone)).toThrow(
      'The event payment.completed is defined twice, by the class PaymentCompleted and by the class PaymentDone; ' +
        'rename one of them, or import one definition in both places',
    );
    expect(() => catalogue.definitionOf(new PaymentDone())).toThrow(EventConflictError);
    expect(() => catalogue.resolve(reliableEvent('payment.completed'))).toThrow('and by reliableEvent()');
  });

  it('refuses what is no event', () => {
    const catalogue = new EventCatalogue();
    expect(() => catalogue.definitionOf(new PaymentRefunded('1'))).toThrow(
      "PaymentRefunded: is no reliable event; decorate it with @ReliableEvent('name'), which a subclass does not inherit",
    );
    expect(() => catalogue.definitionOf(new Date())).toThrow('Date: is no reliable event');
    const proxy = new Proxy(new PaymentCompleted('1'), {});
    const others = [{}, Object.create(null) as object, proxy, null, undefined, 'payment.completed'] as object[];
    for (const other of others) {
      expect(() => catalogue.definitionOf(other)).toThrow(
        /is not an event; emit an instance of a class decorated with @ReliableEvent/,
      );
    }
  });

  it('refuses a class that cannot make the round trip, and does not remember it', () => {
    const catalogue = new EventCatalogue();
    expect(() => catalogue.add(TagsChanged)).toThrow(EventDefinitionError);
    expect(catalogue.byName('tags.changed')).toBeUndefined();
    expect(() => catalogue.definitionOf(new TagsChanged())).toThrow(
      'TagsChanged: extends Set, whose contents would be lost',
    );
  });

  it('resolves classes, definitions and names', () => {
    const catalogue = new EventCatalogue();
    const shipped = reliableEvent('order.shipped', { version: 3 });
    expect(catalogue.resolve('order.shipped')).toMatchObject({ version: 1 });
    expect(catalogue.resolve(shipped)).toBe(shipped);
    expect(catalogue.resolve('order.shipped')).toBe(shipped);
    expect(catalogue.resolve(PaymentCompleted).target).toBe(PaymentCompleted);
    expect(() => catalogue.resolve('order.*')).toThrow("'order.*': is not the name of an event");
  });
});

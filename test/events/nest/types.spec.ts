import type { DeliveryContext, TransactionalContext } from '../../../lib/engine/deliveries/delivery-context.js';
import { reliableEvent } from '../../../lib/events/definition/reliable-event.js';
import { OnReliableEvent } from '../../../lib/events/on-reliable-event.decorator.js';
import { z } from 'zod';
import { OrderCancelled, OrderPaid } from './fixtures/events.js';

declare module '../../../lib/events/definition/event-types.js' {
  interface ReliableEventPayloads {
    'types.shipped': { readonly orderId: string };
  }
}

const counted = reliableEvent('types.counted', { schema: z.object({ count: z.string().transform(Number) }) });

/** Checked by `tsc`: the parameters of a receiver must accept the event and the context it is called with. */
class Accepted {
  @OnReliableEvent(OrderPaid)
  event(_event: OrderPaid) {}

  @OnReliableEvent(OrderPaid)
  eventAndContext(_event: OrderPaid, _context: DeliveryContext) {}

  @OnReliableEvent(OrderPaid, { transactional: true })
  transactional(_event: OrderPaid, _context: TransactionalContext) {}

  @OnReliableEvent(OrderPaid, { transactional: true })
  lessOfTheContext(_event: OrderPaid, { manager }: Pick<TransactionalContext, 'manager'>) {
    return manager;
  }

  @OnReliableEvent(OrderPaid)
  @OnReliableEvent(OrderCancelled)
  either(_event: OrderPaid | OrderCancelled) {}

  @OnReliableEvent('types.shipped')
  declaredName(_event: { orderId: string }) {}

  @OnReliableEvent(counted)
  output(_event: { count: number }) {}

  @OnReliableEvent('types.*')
  wildcard(_event: unknown) {}

  @OnReliableEvent('types.unknown')
  nothing() {}

  @OnReliableEvent(OrderPaid)
  private hidden(_event: OrderPaid) {}

  used() {
    return this.hidden;
  }
}

/** Never called: the decorators would refuse some of these when they run, too. */
function refused(): unknown {
  class Refused {
    // @ts-expect-error another event
    @OnReliableEvent(OrderPaid)
    otherEvent(_event: { amount: number }) {}

    // @ts-expect-error only one of the stacked events
    @OnReliableEvent(counted)
    @OnReliableEvent('types.shipped')
    notBoth(_event: { orderId: string }) {}

    // @ts-expect-error a manager without a transaction
    @OnReliableEvent(OrderPaid)
    noTransaction(_event: OrderPaid, _context: TransactionalContext) {}

    // @ts-expect-error not known to be transactional
    @OnReliableEvent(OrderPaid, { transactional: false })
    explicitlyNone(_event: OrderPaid, _context: TransactionalContext) {}

    // @ts-expect-error the schema's input instead of its output
    @OnReliableEvent(counted)
    input(_event: { count: string }) {}

    // @ts-expect-error a payload nobody declared
    @OnReliableEvent('types.unknown')
    undeclared(_event: { orderId: string }) {}

    // @ts-expect-error a third parameter that nobody passes
    @OnReliableEvent(OrderPaid)
    tooMany(_event: OrderPaid, _context: DeliveryContext, _more: string) {}

    // @ts-expect-error not a method
    @OnReliableEvent(OrderPaid)
    field = 1;

    // @ts-expect-error an option that does not exist
    @OnReliableEvent(OrderPaid, { attempts: 3 })
    unknownOption(_event: OrderPaid) {}
  }
  return Refused;
}

it('is checked by the compiler', () => {
  expect([Accepted, refused]).toHaveLength(2);
});

import { ReliableEvent } from '../../../../lib/index.js';
import type { Part } from '../recorded-run.js';

/** What the receivers of an order are to do, by their names. */
export type OrderParts = Readonly<Partial<Record<'ledger' | 'metrics' | 'mail', Part>>>;

export interface OrderTold {
  readonly emission: string;
  readonly parts: OrderParts;
  /** Only there from version 2 on; older events get it by the upcaster. */
  readonly revised?: boolean;
}

type OrderPlacedClass = new (emission: string, parts: OrderParts) => OrderTold;

const defined = new Map<1 | 2, OrderPlacedClass>();

/** The event as a deployment has it. */
export function orderPlacedOf(version: 1 | 2): OrderPlacedClass {
  const OrderPlaced = defined.get(version) ?? define(version);
  defined.set(version, OrderPlaced);
  return OrderPlaced;
}

function define(version: 1 | 2): OrderPlacedClass {
  if (version === 1) {
    @ReliableEvent('chaos.order-placed')
    class OrderPlacedOne implements OrderTold {
      constructor(
        readonly emission: string,
        readonly parts: OrderParts,
      ) {}
    }
    return OrderPlacedOne;
  }
  @ReliableEvent('chaos.order-placed', { version: 2, upcasters: { 1: (payload) => ({ ...payload, revised: true }) } })
  class OrderPlacedTwo implements OrderTold {
    readonly revised = true;

    constructor(
      readonly emission: string,
      readonly parts: OrderParts,
    ) {}
  }
  return OrderPlacedTwo;
}

import type { Workload } from '../workload.js';
import { orderPlacedOf } from './order-events.js';
import { orderReceivers } from './order-receivers.js';

/** Milliseconds that runs take, so that faults find them in the middle. */
const TAKES = [3_000, 4_000] as const;

/** Orders whose receivers are in the middle of something for most of the time. */
export const slowOrders: Workload = {
  name: 'slow-orders',
  providers: orderReceivers,
  tables: [],
  rules: [],
  async step(stage) {
    const { dice } = stage;
    const OrderPlaced = orderPlacedOf(stage.deployment.version);
    const parts = {
      ledger: { takes: dice.between(...TAKES), deaf: true },
      metrics: { takes: dice.between(...TAKES), deaf: true },
      mail: { takes: dice.between(...TAKES) },
    };
    await stage.emit({
      workload: 'slow-orders',
      receivers: [
        { receiver: 'ledger', effect: 'once', fate: 'done' },
        { receiver: 'metrics', effect: 'once', fate: 'done' },
        { receiver: 'mail', effect: 'again', fate: 'done' },
      ],
      emit: (id, manager) => stage.events.emit(new OrderPlaced(id, parts), { manager }),
    });
  },
};

import type { Dice } from '../../dice.js';
import type { PlannedReceiver } from '../../history/history.js';
import type { Part } from '../recorded-run.js';
import type { Workload } from '../workload.js';
import { orderPlacedOf } from './order-events.js';
import { orderReceivers } from './order-receivers.js';

const receivers: readonly PlannedReceiver[] = [
  { receiver: 'ledger', effect: 'once', fate: 'done' },
  { receiver: 'metrics', effect: 'once', fate: 'done' },
  { receiver: 'mail', effect: 'again', fate: 'done' },
];

/** Milliseconds by which delayed orders are told later. */
const DELAY = [200, 4_000] as const;

/** Events with several receivers, at once and delayed, with receivers that are slow and that fail at first. */
export const orders: Workload = {
  name: 'orders',
  providers: orderReceivers,
  tables: [],
  rules: [],
  async step(stage) {
    const { dice } = stage;
    const OrderPlaced = orderPlacedOf(stage.deployment.version);
    const parts = { ledger: part(dice), metrics: part(dice), mail: part(dice) };
    const delay = dice.chance(0.2) ? { delay: dice.between(...DELAY) } : {};
    const priority = dice.chance(0.2) ? { priority: dice.between(0, 7) } : {};
    await stage.emit({
      workload: 'orders',
      receivers,
      emit: (id, manager) => stage.events.emit(new OrderPlaced(id, parts), { manager, ...delay, ...priority }),
    });
  },
};

function part(dice: Dice): Part {
  const fails = dice.chance(0.15) ? dice.between(1, 2) : 0;
  return {
    fails,
    afterEffect: dice.chance(0.5),
    takes: dice.chance(0.1) ? dice.between(100, 800) : dice.between(0, 15),
  };
}

import { orders } from './orders/orders.workload.js';
import { slowOrders } from './orders/slow-orders.workload.js';
import { poison } from './poison/poison.workload.js';
import { visits } from './visits/visits.workload.js';
import type { Workload } from './workload.js';

/** Every kind of work there is; a new concept adds its own here. */
export const workloads: readonly Workload[] = [orders, visits, poison];

/** With work that takes long, so that most faults find somebody in the middle of something; it needs time to be worked off. */
export const longWorkloads: readonly Workload[] = [...workloads, slowOrders];

/** @throws Error for a name that is none. */
export function workloadsNamed(names: readonly string[]): readonly Workload[] {
  return names.map((name) => {
    const workload = longWorkloads.find((one) => one.name === name);
    if (workload === undefined)
      throw new Error(`There is no workload "${name}"; there are ${longWorkloads.map((one) => one.name).join(', ')}.`);
    return workload;
  });
}

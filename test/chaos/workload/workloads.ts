import { orders } from './orders/orders.workload.js';
import { slowOrders } from './orders/slow-orders.workload.js';
import { poison } from './poison/poison.workload.js';
import { visits } from './visits/visits.workload.js';
import type { Workload } from './workload.js';

/** Every kind of work there is; a new concept adds its own here. */
export const workloads: readonly Workload[] = [orders, visits, poison];

/** Work for short scenarios that provoke something in particular. */
const scenarioWorkloads: readonly Workload[] = [slowOrders];

/** @throws Error for a name that is none. */
export function workloadsNamed(names: readonly string[]): readonly Workload[] {
  return names.map((name) => {
    const workload = [...workloads, ...scenarioWorkloads].find((one) => one.name === name);
    if (workload === undefined)
      throw new Error(`There is no workload "${name}"; there are ${workloads.map((one) => one.name).join(', ')}.`);
    return workload;
  });
}

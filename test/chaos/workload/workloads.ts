import { orders } from './orders/orders.workload.js';
import { poison } from './poison/poison.workload.js';
import { visits } from './visits/visits.workload.js';
import type { Workload } from './workload.js';

/** Every kind of work there is; a new concept adds its own here. */
export const workloads: readonly Workload[] = [orders, visits, poison];

/** @throws Error for a name that is none. */
export function workloadsNamed(names: readonly string[]): readonly Workload[] {
  return names.map((name) => {
    const workload = workloads.find((one) => one.name === name);
    if (workload === undefined)
      throw new Error(`There is no workload "${name}"; there are ${workloads.map((one) => one.name).join(', ')}.`);
    return workload;
  });
}

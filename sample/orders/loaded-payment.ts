import type { Payment } from '../payments/payment.entity.js';
import { OrderError } from './errors/order.error.js';
import type { Order } from './order.entity.js';

/**
 * The payment an order was loaded with.
 *
 * @throws OrderError when the relation was left out of the query.
 */
export function loadedPayment({ id, payment }: Order): Payment {
  if (payment === undefined) throw new OrderError(`order ${id} was loaded without its payment`);
  return payment;
}

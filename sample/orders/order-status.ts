import type { Payment } from '../payments/payment.entity.js';
import { OrderError } from './errors/order.error.js';

export type FinalOrderStatus = 'completed' | 'cancelled';

export type OrderStatus = 'pending_payment' | FinalOrderStatus;

/**
 * What becomes of an order whose payment is the given one.
 *
 * @throws OrderError while the payment has not ended: whoever asks so early has made a mistake.
 */
export function orderStatusAfter({ id, status }: Payment): FinalOrderStatus {
  switch (status) {
    case 'succeeded':
      return 'completed';
    case 'failed':
      return 'cancelled';
    case 'initiated':
      throw new OrderError(`payment ${id} has not ended, so its order cannot be completed or cancelled yet`);
    default:
      throw new OrderError(`payment ${id} has the unknown status "${status satisfies never as string}"`);
  }
}

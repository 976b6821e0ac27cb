import type { OrderStatus } from '../../orders/order-status.js';
import type { PaymentStatus } from '../../payments/payment-status.js';
import type { Trouble } from './trouble.js';
import type { Way } from './way.js';

/** What an order's world looks like at some moment. */
export interface WorldState {
  readonly payment: PaymentStatus;
  readonly order: OrderStatus;
  /** Changes whenever the order is written. */
  readonly orderRevision: string;
  /** Events stored about the payment, and deliveries of them that are left. */
  readonly events: number;
  readonly deliveries: number;
  /** Messages the customer was sent. */
  readonly messages: number;
}

/** How one way coped with one trouble. */
export interface CrashTrial {
  readonly way: Way;
  readonly trouble: Trouble;
  readonly paymentId: string;
  /** Right after the trouble. */
  readonly afterwards: WorldState;
  /** After the provider sent its notice again, if it had got no good answer, and after the workers had nothing left to do. */
  readonly atTheEnd: WorldState;
  /** What the webhook answered to the first notice; `null` when it was killed before. */
  readonly answer: { readonly error: string | null; readonly milliseconds: number } | null;
}

/** What is to be said about a trial. */
export interface Verdict {
  readonly fine: boolean;
  readonly text: string;
}

const SLOW_ANSWER = 900;

/** Judges a trial by what is left in the database, not by what was meant. */
export function verdictOn(trial: CrashTrial): Verdict {
  const { trouble, afterwards, atTheEnd, answer } = trial;
  const rolledBack = afterwards.payment === 'initiated';
  if (atTheEnd.payment !== 'succeeded' || atTheEnd.order !== 'completed') {
    return { fine: false, text: `LOST: ${atTheEnd.payment}, order ${atTheEnd.order}` };
  }
  if (atTheEnd.messages === 0) return { fine: false, text: 'LOST: the customer is never told' };
  if (rolledBack && afterwards.messages > 0) {
    return { fine: false, text: 'LIED: customer told, then rolled back' };
  }
  if (rolledBack && answer !== null && answer.error !== null) {
    return { fine: false, text: 'BROKE THE SENDER: it rolled back' };
  }
  if (trouble === 'receiver-slow' && answer !== null && answer.milliseconds > SLOW_ANSWER) {
    return { fine: false, text: `HELD UP: answered after ${seconds(answer.milliseconds)}` };
  }
  return { fine: true, text: remark(trial) };
}

function remark({ way, trouble, afterwards, answer }: CrashTrial): string {
  if (afterwards.payment === 'initiated') return 'ok, when the notice is sent again';
  if (trouble === 'receiver-slow' && answer !== null) return `ok, answered after ${seconds(answer.milliseconds)}`;
  if (trouble === 'receiver-throws') return 'ok, tried again';
  return way === 'reliable' && afterwards.order === 'pending_payment' ? 'ok, completed by another process' : 'ok';
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

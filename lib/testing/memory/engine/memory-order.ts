import { deliveryId, type DeliveryKey } from '../../../engine/deliveries/claimed-delivery.js';

/** Ids are numbers written as texts. */
export function compareIds(a: string, b: string): number {
  return compare(BigInt(a), BigInt(b));
}

/** The order of two values of one kind. */
export function compare<Value extends bigint | number | string | Date>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Key under which a delivery is kept. */
export function deliveryKey(key: DeliveryKey): string {
  return deliveryId(key);
}

/** A moment so many milliseconds later. */
export function later(moment: Date, milliseconds: number): Date {
  return new Date(moment.getTime() + milliseconds);
}

import type { DeliveryKey } from '../../engine/deliveries/claimed-delivery.js';
import { isList, listOf } from '../../options/readable.js';
import type { OperationChecks } from '../operation-checks.js';

const MOST = 1_000;
const DELIVERY_ID = /^([1-9]\d{0,17})\.([1-9]\d{0,8})$/;
const ID = /^[1-9]\d{0,17}$/;

/** The key that a delivery's id stands for; `undefined` for a text that is none. */
export function deliveryKey(id: string): DeliveryKey | undefined {
  const [, eventId, receiver] = DELIVERY_ID.exec(id) ?? [];
  return eventId === undefined || receiver === undefined ? undefined : { eventId, receiver: Number(receiver) };
}

/** Whether a text can be the number of an event or a dead letter. */
export function isRowId(id: string): boolean {
  return ID.test(id);
}

/**
 * One id or several as a list, each once.
 *
 * @throws InvalidOptionError
 */
export function checkIds(ids: unknown, meaning: string, checks: OperationChecks): readonly string[] {
  const list = isList(ids) ? listOf(ids, MOST) : [ids];
  if (list === undefined || !list.every((id): id is string => typeof id === 'string')) {
    throw checks.invalid('id', `the id of ${meaning} as text, or a list of at most ${MOST}`, ids);
  }
  return [...new Set(list)];
}

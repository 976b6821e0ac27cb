import { bigNumbersOfArray, numbersOfArray } from '../database/arrays.js';
import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import type { ClaimRow } from './claim.statements.js';

/** The deliveries that a claim took. */
export function claimedDeliveries(row: ClaimRow): ClaimedDelivery[] {
  const column = (array: string | null): number[] => (array === null ? [] : numbersOfArray(array));
  const readyXids = bigNumbersOfArray(row.ready_xid ?? '{}');
  const [receivers, versions, priorities] = [column(row.receiver), column(row.version), column(row.priority)];
  const [claims, attempts, interruptions] = [column(row.claims), column(row.attempts), column(row.interruptions)];
  return bigNumbersOfArray(row.event_id ?? '{}').map((eventId, index) => ({
    eventId,
    receiver: receivers[index] ?? 0,
    version: versions[index] ?? 0,
    priority: priorities[index] ?? 0,
    readyXid: readyXids[index] ?? '',
    claims: claims[index] ?? 0,
    attempts: attempts[index] ?? 0,
    interruptions: interruptions[index] ?? 0,
  }));
}

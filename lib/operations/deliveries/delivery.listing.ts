import type { TableNames } from '../../engine/schema/table-names.js';
import { eventConditions } from '../events/event.listing.js';
import { type IdRange, inRange } from '../paging/id-range.js';
import type { Listing } from '../paging/listing.js';
import type { Parameters } from '../paging/parameters.js';
import type { Walk, WalkKey } from '../paging/walk.js';
import type { OpenDeliveryState } from './delivery.js';
import type { CheckedFilter } from './delivery-filter.js';

/** A filter of deliveries as the statements take it. */
export interface CheckedDeliveryFilter extends CheckedFilter {
  readonly state?: OpenDeliveryState | undefined;
}

const EVENT: WalkKey = { column: 'r.event_id', type: 'bigint' };
const RECEIVER: WalkKey = { column: 'r.receiver', type: 'integer' };

/** SQL of what an open delivery `r` is doing. */
export const DELIVERY_STATE = `case when r.worker is not null then 'running' when r.attempts > 0 then 'retrying'
  when r.ready_xid is not null then 'waiting' else 'delayed' end`;

/** SQL of a delivery `r` with its event `j`, as pairs for a JSON object. */
export function deliveryProperties({ receiver }: TableNames): string {
  return `'id', r.event_id || '.' || r.receiver, 'eventId', r.event_id::text, 'event', j.name,
    'receiver', coalesce((select x.name from ${receiver} x where x.id = r.receiver), r.receiver::text), 'state', ${DELIVERY_STATE},
    'priority', r.priority, 'attempts', r.attempts, 'interruptions', r.interruptions,
    'error', r.error, 'message', case when r.error is not null then r.failures -> -1 ->> 'message' end, 'errorGroup', r.fingerprint,
    'dueAt', r.due_at, 'claimedAt', r.claimed_at, 'emittedAt', j.created_at, 'tenant', j.tenant, 'correlationId', j.correlation_id, 'key', j.key`;
}

/**
 * The deliveries that a filter lets through.
 *
 * @param receivers numbers of the receiver that was asked for; `null` for all.
 */
export function deliveryListing(
  names: TableNames,
  filter: CheckedDeliveryFilter,
  receivers: readonly number[] | null,
  range: IdRange,
): Listing {
  return {
    walks: walksOf(names, filter, receivers, range),
    conditions: (parameters) => rowConditions(filter, receivers, parameters),
    joined: {
      lookUp: `select * from ${names.event} e where e.id = r.event_id`,
      conditions: (parameters) => eventConditions('j', filter, parameters),
    },
    item: `json_build_object(${deliveryProperties(names)})`,
  };
}

/** Ways through the deliveries that come by few others than those asked for. */
function walksOf(
  { delivery, event }: TableNames,
  filter: CheckedDeliveryFilter,
  receivers: readonly number[] | null,
  range: IdRange,
): readonly Walk[] {
  const { state, correlationId, error, errorGroup, from, to } = filter;
  if (correlationId !== undefined) return [correlationWalk(event, delivery, correlationId)];
  if (state === 'retrying' || error !== undefined || errorGroup !== undefined) {
    return perReceiver(receivers).map((receiver) => failedWalk(delivery, receiver, errorGroup));
  }
  if (from !== undefined || to !== undefined) return [eventWalk(delivery, range, state !== 'running')];
  if (state === 'delayed') return [dueWalk(delivery)];
  if (receivers === null) return [eventWalk(delivery, range, state !== 'running')];
  const ready = receivers.map((receiver) => readyWalk(delivery, receiver));
  return state === undefined ? [...ready, dueWalk(delivery)] : ready;
}

function perReceiver(receivers: readonly number[] | null): readonly (number | null)[] {
  return receivers ?? [null];
}

/** In the order of their events. What runs is among the oldest. */
function eventWalk(delivery: string, range: IdRange, descending: boolean): Walk {
  return {
    name: 'deliveries',
    keys: [EVENT, RECEIVER],
    descending,
    from: `${delivery} r`,
    where: (parameters) => inRange('r.event_id', range, parameters),
  };
}

/** What is ready or runs, in the order in which it is claimed. */
function readyWalk(delivery: string, receiver: number): Walk {
  return {
    name: `ready.${receiver}`,
    keys: [{ column: 'r.priority', type: 'smallint' }, { column: 'r.ready_xid', type: 'bigint' }, EVENT],
    descending: false,
    from: `${delivery} r`,
    where: (parameters) => [`r.receiver = ${parameters.add(receiver, 'integer')}`, 'r.ready_xid is not null'],
  };
}

/** What is put off, by the time it becomes due. */
function dueWalk(delivery: string): Walk {
  return {
    name: 'due',
    keys: [{ column: 'r.due_at', type: 'timestamptz' }, EVENT, RECEIVER],
    descending: false,
    from: `${delivery} r`,
    where: () => ['r.due_at is not null'],
  };
}

/** What failed before, group by group. */
function failedWalk(delivery: string, receiver: number | null, errorGroup: string | undefined): Walk {
  const group: WalkKey = { column: 'r.fingerprint', type: 'text' };
  return {
    name: `failed.${receiver ?? 'all'}`,
    keys: receiver === null ? [RECEIVER, group, EVENT] : [group, EVENT],
    descending: false,
    from: `${delivery} r`,
    where: (parameters) => [
      'r.fingerprint is not null',
      ...(receiver === null ? [] : [`r.receiver = ${parameters.add(receiver, 'integer')}`]),
      ...(receiver === null || errorGroup === undefined
        ? []
        : [`r.fingerprint = ${parameters.add(errorGroup, 'text')}`]),
    ],
  };
}

/** Those of the events that belong together. */
function correlationWalk(event: string, delivery: string, correlationId: string): Walk {
  return {
    name: 'correlation',
    keys: [{ column: 'x.id', type: 'bigint' }, RECEIVER],
    descending: true,
    // Without the offset the planner might look for the events of all deliveries instead.
    from: `${event} x cross join lateral (select * from ${delivery} d where d.event_id = x.id offset 0) r`,
    where: (parameters) => [`x.correlation_id = ${parameters.add(correlationId, 'text')}`],
  };
}

function rowConditions(
  { state, error, errorGroup }: CheckedDeliveryFilter,
  receivers: readonly number[] | null,
  parameters: Parameters,
): readonly string[] {
  return [
    ...(receivers === null ? [] : [`r.receiver = any (${parameters.add(receivers, 'integer[]')})`]),
    ...(state === undefined ? [] : [`${DELIVERY_STATE} = ${parameters.add(state, 'text')}`]),
    ...(error === undefined ? [] : [`r.error = ${parameters.add(error, 'text')}`]),
    ...(errorGroup === undefined ? [] : [`r.fingerprint = ${parameters.add(errorGroup, 'text')}`]),
  ];
}

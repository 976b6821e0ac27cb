import type { TableNames } from '../../engine/schema/table-names.js';
import type { CheckedFilter } from '../deliveries/delivery-filter.js';
import { type IdRange, inRange } from '../paging/id-range.js';
import type { Listing } from '../paging/listing.js';
import type { Parameters } from '../paging/parameters.js';
import type { Walk } from '../paging/walk.js';

/** SQL of an event's properties as pairs for a JSON object. */
export function eventProperties(event: string): string {
  return `'id', ${event}.id::text, 'name', ${event}.name, 'version', ${event}.version, 'emittedAt', ${event}.created_at, 'tenant', ${event}.tenant,
    'correlationId', ${event}.correlation_id, 'key', ${event}.key, 'tags', coalesce(${event}.tags, '{}'), 'receivers', cardinality(${event}.receivers)`;
}

/** SQL of everything an event carries, as pairs for a JSON object. */
export function eventDetailProperties(event: string): string {
  return `${eventProperties(event)}, 'payload', ${event}.payload, 'headers', coalesce(${event}.headers, '{}'), 'retainUntil', ${event}.retain_until`;
}

/** Conditions on an event. */
export function eventConditions(event: string, filter: CheckedFilter, parameters: Parameters): readonly string[] {
  const { events, tenant, correlationId, from, to } = filter;
  return [
    ...(events === undefined ? [] : [`${event}.name = any (${parameters.add(events, 'text[]')})`]),
    ...(tenant === undefined ? [] : [`${event}.tenant = ${parameters.add(tenant, 'text')}`]),
    ...(correlationId === undefined ? [] : [`${event}.correlation_id = ${parameters.add(correlationId, 'text')}`]),
    ...(from === undefined ? [] : [`${event}.created_at >= ${parameters.add(from, 'timestamptz')}`]),
    ...(to === undefined ? [] : [`${event}.created_at < ${parameters.add(to, 'timestamptz')}`]),
  ];
}

/** Events in the order in which they were written. */
export function eventWalk(
  { event }: TableNames,
  { correlationId }: CheckedFilter,
  range: IdRange,
  descending: boolean,
): Walk {
  return {
    name: 'events',
    keys: [{ column: 'r.id', type: 'bigint' }],
    descending,
    from: `${event} r`,
    where: (parameters) => [
      ...(correlationId === undefined ? [] : [`r.correlation_id = ${parameters.add(correlationId, 'text')}`]),
      ...inRange('r.id', range, parameters),
    ],
  };
}

/** The events that a filter lets through, the newest first. */
export function eventListing(names: TableNames, filter: CheckedFilter, range: IdRange): Listing {
  return {
    walks: [eventWalk(names, filter, range, true)],
    conditions: (parameters) => eventConditions('r', filter, parameters),
    item: `json_build_object(${eventProperties('r')})`,
  };
}

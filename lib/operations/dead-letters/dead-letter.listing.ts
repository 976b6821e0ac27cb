import type { TableNames } from '../../engine/schema/table-names.js';
import type { CheckedFilter } from '../deliveries/delivery-filter.js';
import { eventConditions } from '../events/event.listing.js';
import { type IdRange, inRange } from '../paging/id-range.js';
import type { Listing } from '../paging/listing.js';
import type { Parameters } from '../paging/parameters.js';
import type { Walk, WalkKey } from '../paging/walk.js';
import type { DeadLetterKind } from './dead-letter.js';

/** A filter of dead letters as the statements take it; its span of time is that of their deaths. */
export interface CheckedDeadLetterFilter extends CheckedFilter {
  readonly kind: DeadLetterKind;
}

const ID: WalkKey = { column: 'r.id', type: 'bigint' };

/** SQL of a dead letter `r` with its event `j`, as pairs for a JSON object. */
export function deadLetterProperties({ receiver }: TableNames): string {
  return `'id', r.id::text, 'deliveryId', r.event_id || '.' || r.receiver, 'eventId', r.event_id::text, 'event', j.name,
    'receiver', coalesce((select x.name from ${receiver} x where x.id = r.receiver), r.receiver::text), 'kind', r.kind, 'reason', r.reason,
    'priority', r.priority, 'attempts', r.attempts, 'interruptions', r.interruptions,
    'error', r.error, 'message', case when r.error is not null then r.failures -> -1 ->> 'message' end, 'errorGroup', r.fingerprint,
    'diedAt', r.died_at, 'emittedAt', j.created_at, 'tenant', j.tenant, 'correlationId', j.correlation_id, 'key', j.key`;
}

/**
 * The dead letters that a filter lets through.
 *
 * @param receivers numbers of the receiver that was asked for; `null` for all.
 * @param descending whether the youngest come first.
 */
export function deadLetterListing(
  names: TableNames,
  filter: CheckedDeadLetterFilter,
  receivers: readonly number[] | null,
  range: IdRange,
  descending = true,
): Listing {
  const { tenant, correlationId, events } = filter;
  return {
    walks: walksOf(names, filter, receivers, range, descending),
    conditions: (parameters) => rowConditions(filter, parameters),
    joined: {
      lookUp: `select * from ${names.event} e where e.id = r.event_id`,
      conditions: (parameters) => eventConditions('j', { events, tenant, correlationId }, parameters),
    },
    item: `json_build_object(${deadLetterProperties(names)})`,
  };
}

/** Ways through the dead letters that come by few others than those asked for. */
function walksOf(
  { deadLetter, event }: TableNames,
  { kind, correlationId, errorGroup }: CheckedDeadLetterFilter,
  receivers: readonly number[] | null,
  range: IdRange,
  descending: boolean,
): readonly Walk[] {
  const ofKind = (parameters: Parameters): readonly string[] => [
    `r.kind = ${parameters.add(kind, 'text')}`,
    ...inRange('r.id', range, parameters),
  ];
  const from = `${deadLetter} r`;
  if (correlationId !== undefined) {
    return [
      {
        name: 'correlation',
        keys: [{ column: 'x.id', type: 'bigint' }, ID],
        descending,
        // Without the offset the planner might look for the events of all dead letters instead.
        from: `${event} x cross join lateral (select * from ${deadLetter} d where d.event_id = x.id offset 0) r`,
        where: (parameters) => [
          `x.correlation_id = ${parameters.add(correlationId, 'text')}`,
          `r.kind = ${parameters.add(kind, 'text')}`,
          ...(receivers === null ? [] : [`r.receiver = any (${parameters.add(receivers, 'integer[]')})`]),
        ],
      },
    ];
  }
  if (receivers === null) return [{ name: 'letters', keys: [ID], descending, from, where: ofKind }];
  return receivers.map((receiver) => ({
    name: `letters.${receiver}`,
    keys: [ID],
    descending,
    from,
    where: (parameters) => [
      `r.receiver = ${parameters.add(receiver, 'integer')}`,
      ...(errorGroup === undefined ? [] : [`r.fingerprint = ${parameters.add(errorGroup, 'text')}`]),
      // Written out, so that the index of those alone can be used.
      ...(kind === 'dead' ? [`r.kind = 'dead'`, ...inRange('r.id', range, parameters)] : ofKind(parameters)),
    ],
  }));
}

function rowConditions(
  { error, errorGroup, from, to }: CheckedDeadLetterFilter,
  parameters: Parameters,
): readonly string[] {
  return [
    ...(error === undefined ? [] : [`r.error = ${parameters.add(error, 'text')}`]),
    ...(errorGroup === undefined ? [] : [`r.fingerprint = ${parameters.add(errorGroup, 'text')}`]),
    ...(from === undefined ? [] : [`r.died_at >= ${parameters.add(from, 'timestamptz')}`]),
    ...(to === undefined ? [] : [`r.died_at < ${parameters.add(to, 'timestamptz')}`]),
  ];
}

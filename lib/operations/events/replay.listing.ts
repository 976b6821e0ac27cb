import type { TableNames } from '../../engine/schema/table-names.js';
import type { CheckedFilter } from '../deliveries/delivery-filter.js';
import type { IdRange } from '../paging/id-range.js';
import type { Listing } from '../paging/listing.js';
import { eventConditions, eventWalk } from './event.listing.js';

/** To whom a span of time is replayed. */
export interface ReplayTarget {
  /** Numbers the receiver's deliveries are stored under, the one in use first. */
  readonly numbers: readonly number[];
  /** Whether to leave out what went to it already. */
  readonly missedOnly: boolean;
}

/** The events of a span of time that a receiver listens to or once went to, in the order in which they were written. */
export function replayListing(
  names: TableNames,
  filter: CheckedFilter,
  { numbers, missedOnly }: ReplayTarget,
  range: IdRange,
): Listing {
  return {
    walks: [eventWalk(names, filter, range, false)],
    conditions: (parameters) => {
      const went = `r.receivers && ${parameters.add(numbers, 'integer[]')}`;
      const listens = `exists (select from ${names.subscription} s where s.receiver = any (${parameters.add(numbers, 'integer[]')})
        and (s.pattern = r.name or s.pattern = '*' or (right(s.pattern, 2) = '.*' and starts_with(r.name, left(s.pattern, -1)))))`;
      const replayable = missedOnly ? `not (${went}) and ${listens}` : `(${went} or ${listens})`;
      return [...eventConditions('r', filter, parameters), replayable];
    },
    // The number its deliveries have, when it went to the receiver under one that is no longer in use.
    item: `json_build_object('eventId', r.id::text, 'receiver',
      coalesce((select n from unnest(r.receivers) n where n in (${numbers.map(String).join(', ')}) limit 1), ${String(numbers[0])}))`,
  };
}

import { checkCorrelationId, checkTenant } from '../../events/payload/check-labels.js';
import { assertEventName } from '../../events/definition/event-name.js';
import type { OperationChecks } from '../operation-checks.js';
import { listOf } from '../../options/readable.js';
import type { TimeSpan } from '../paging/id-range.statements.js';

/**
 * Which deliveries or dead letters to list by their event and error.
 *
 * @publicApi
 */
export interface FailureFilter {
  /** Id of a receiver; former names are understood. */
  readonly receiver?: string;
  /** Name of the event, or several. */
  readonly event?: string | readonly string[];
  /** Name of the last error, such as `TypeError`. */
  readonly error?: string;
  /** Group of the last error, as a list of errors gave it. */
  readonly errorGroup?: string;
  readonly tenant?: string;
  readonly correlationId?: string;
}

/** A filter as the statements take it. */
export interface CheckedFilter extends TimeSpan {
  readonly receiver?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly error?: string | undefined;
  readonly errorGroup?: string | undefined;
  readonly tenant?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** Options of the filters by event. */
export const EVENT_FILTER_OPTIONS = ['event', 'tenant', 'correlationId', 'from', 'to'] as const;
/** Options of the filters by event and error. */
export const FAILURE_FILTER_OPTIONS = [...EVENT_FILTER_OPTIONS, 'receiver', 'error', 'errorGroup'] as const;

const GROUP = /^[0-9a-f]{16}$/;
const NAME_LIMIT = 255;
const MOST_EVENTS = 100;

/** What any filter may say. */
type GivenFilter = FailureFilter & { readonly from?: Date; readonly to?: Date };

/**
 * Checks a filter whose options are known to be the right ones.
 *
 * @throws InvalidOptionError, PayloadError, EventDefinitionError naming the option.
 */
export function checkFilter(filter: GivenFilter, checks: OperationChecks): CheckedFilter {
  const { receiver, event, error, errorGroup, tenant, correlationId, from, to } = filter;
  if (errorGroup !== undefined && !(typeof errorGroup === 'string' && GROUP.test(errorGroup))) {
    throw checks.invalid('errorGroup', 'the id of a group, as errors() gave it', errorGroup);
  }
  return {
    receiver: receiver === undefined ? undefined : checks.words('receiver', receiver, NAME_LIMIT, 'which receiver'),
    events: eventNames(event, checks),
    error: error === undefined ? undefined : checks.words('error', error, NAME_LIMIT, 'which error'),
    errorGroup,
    tenant: checkTenant(tenant) ?? undefined,
    correlationId: checkCorrelationId(correlationId) ?? undefined,
    ...checkSpan({ from, to }, checks),
  };
}

/** Checks the two ends of a span of time. */
export function checkSpan(
  { from, to }: { readonly from?: Date | undefined; readonly to?: Date | undefined },
  checks: OperationChecks,
): TimeSpan {
  const span = {
    from: from === undefined ? undefined : checks.moment('from', from),
    to: to === undefined ? undefined : checks.moment('to', to),
  };
  if (from !== undefined && to !== undefined && from >= to) {
    throw checks.invalid('to', 'a later time than from', span.to);
  }
  return span;
}

function eventNames(event: FailureFilter['event'], checks: OperationChecks): readonly string[] | undefined {
  if (event === undefined) return undefined;
  const names = typeof event === 'string' ? [event] : listOf(event, MOST_EVENTS);
  if (names === undefined || names.length === 0) {
    throw checks.invalid('event', `the name of an event or a list of 1 to ${MOST_EVENTS}`, event);
  }
  return names.map((name) => {
    assertEventName(name);
    return name;
  });
}

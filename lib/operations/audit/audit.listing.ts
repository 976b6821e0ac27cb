import { type IdRange, inRange } from '../paging/id-range.js';
import type { TimeSpan } from '../paging/id-range.statements.js';
import type { Listing } from '../paging/listing.js';
import type { OperationsTableNames } from '../schema/operations-table-names.js';

/** A filter of the audit as the statements take it. */
export interface CheckedAuditFilter extends TimeSpan {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
}

/** What was done, the latest first. */
export function auditListing({ audit }: OperationsTableNames, filter: CheckedAuditFilter, range: IdRange): Listing {
  const { actor, action, subject, from, to } = filter;
  return {
    walks: [
      {
        name: 'audit',
        keys: [{ column: 'r.id', type: 'bigint' }],
        descending: true,
        from: `${audit} r`,
        where: (parameters) => [
          ...(subject === undefined ? [] : [`r.subject = ${parameters.add(subject, 'text')}`]),
          ...inRange('r.id', range, parameters),
        ],
      },
    ],
    conditions: (parameters) => [
      ...(actor === undefined ? [] : [`r.actor = ${parameters.add(actor, 'text')}`]),
      ...(action === undefined ? [] : [`r.action = ${parameters.add(action, 'text')}`]),
      ...(from === undefined ? [] : [`r.at >= ${parameters.add(from, 'timestamptz')}`]),
      ...(to === undefined ? [] : [`r.at < ${parameters.add(to, 'timestamptz')}`]),
    ],
    item: `json_build_object('id', r.id::text, 'at', r.at, 'actor', r.actor, 'action', r.action, 'subject', r.subject, 'reason', r.reason,
      'details', coalesce(r.details, '{}'))`,
  };
}

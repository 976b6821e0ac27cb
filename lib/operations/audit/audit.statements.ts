import { type Statement, statement } from '../../engine/database/statement.js';
import type { OperationsTableNames } from '../schema/operations-table-names.js';

/** Records an action on each of several subjects. */
export function recordStatement({ audit }: OperationsTableNames): Statement {
  return statement(
    'audit',
    `
insert into ${audit} (actor, action, subject, reason, details, at)
select $1, $2, subject, $4, $5::jsonb, now() + $6 * interval '1 millisecond' from unnest($3::text[]) subject`,
  );
}

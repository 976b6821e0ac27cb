import { type Statement, statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';

/** A receiver as JSON text, which no type parser of the application's can change. */
export interface KnownReceiverRow {
  readonly receiver: string;
}

/** The receivers that bear a name or did once, and what they continue; those in use first. */
export function receiversNamedStatement(names: TableNames): Statement {
  return known(
    names,
    'receivers_named',
    `r.name = $1 or $1 = any (r.former_names) or (r.retired_at is not null
    and exists (select from ${names.receiver} o where (o.name = $1 or $1 = any (o.former_names)) and r.name = any (o.former_names)))`,
  );
}

/** The receivers of some numbers, and those that continue what they were. */
export function receiversNumberedStatement(names: TableNames): Statement {
  return known(
    names,
    'receivers_numbered',
    `r.id = any ($1::int[])
    or exists (select from ${names.receiver} o where o.id = any ($1::int[]) and o.name = any (r.former_names))`,
  );
}

/** Every receiver. */
export function allReceiversStatement(names: TableNames): Statement {
  return known(names, 'all_receivers', 'true');
}

function known(names: TableNames, purpose: string, condition: string): Statement {
  return statement(
    purpose,
    `
select json_build_object('number', r.id, 'name', r.name, 'formerNames', r.former_names, 'retired', r.retired_at is not null,
  'patterns', array(select s.pattern from ${names.subscription} s where s.receiver = r.id))::text as receiver
from ${names.receiver} r where ${condition} order by r.retired_at is not null, r.id`,
  );
}

import type { EngineConnection } from '../database/engine-connection.js';
import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';

interface FanOutRow {
  readonly revision: string;
  readonly subscriptions: string;
}

/** The receivers of an event, and the revision of the registration under which they are that. */
export interface KnownReceivers {
  readonly revision: string;
  readonly receivers: readonly number[];
}

/**
 * Remembers which receivers events go to, so that an emit need not look them up again: it names the revision it knows them by, and the
 * statement writes nothing when that is no longer the registration's.
 */
export class FanOut {
  private readonly statement: Statement;
  private revision: string | undefined;
  private receiversOf: ReadonlyMap<string, readonly number[]> = new Map();
  private readonly remembered = new Map<string, KnownReceivers>();

  constructor(names: TableNames) {
    this.statement = readFanOutStatement(names);
  }

  /**
   * The receivers of an event as last read; `undefined` before that.
   *
   * @param patterns all that the event matches, which events of one name need not share: those of jobs match by the type of their job.
   */
  find(patterns: readonly string[]): KnownReceivers | undefined {
    const { revision } = this;
    if (revision === undefined) return undefined;
    const key = patterns.join('\n');
    let known = this.remembered.get(key);
    if (known === undefined) {
      const receivers = new Set(patterns.flatMap((pattern) => this.receiversOf.get(pattern) ?? []));
      this.remembered.set(key, (known = { revision, receivers: [...receivers] }));
    }
    return known;
  }

  /** Reads the registration as it is now for whoever holds the connection; others with another view read it again. */
  async read(connection: EngineConnection): Promise<void> {
    const { rows } = await connection.run<FanOutRow>(this.statement, []);
    this.remembered.clear();
    this.revision = rows[0]?.revision;
    const subscriptions = JSON.parse(rows[0]?.subscriptions ?? '{}') as Readonly<Record<string, readonly number[]>>;
    this.receiversOf = new Map(Object.entries(subscriptions));
  }
}

/** Reads the revision and what it stands for in one snapshot. */
function readFanOutStatement(names: TableNames): Statement {
  return statement(
    'read_fan_out',
    `
select g.revision::text, (
  select json_object_agg(s.pattern, s.receivers)::text
  from (select pattern, json_agg(receiver order by receiver) as receivers from ${names.subscription} group by pattern) s
) as subscriptions
from ${names.registration} g`,
  );
}

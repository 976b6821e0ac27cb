/** The engine's tables, ready to be put into a statement: quoted, and qualified when they live in a schema of their own. */
export interface TableNames {
  readonly event: string;
  readonly eventIdSequence: string;
  readonly delivery: string;
  readonly deadLetter: string;
  readonly receiver: string;
  readonly subscription: string;
  readonly registration: string;
  readonly worker: string;
  readonly deduplication: string;
  readonly receiverActivity: string;
  readonly schemaVersion: string;
}

const PREFIX = 'jobs_';

/**
 * Names the engine's tables.
 *
 * @param schema schema that holds them; `undefined` leaves it to the connection's search path.
 */
export function tableNames(schema?: string): TableNames {
  const qualify = (name: string): string => qualifiedTable(name, schema);
  return {
    event: qualify('event'),
    eventIdSequence: qualify('event_id_seq'),
    delivery: qualify('delivery'),
    deadLetter: qualify('dead_letter'),
    receiver: qualify('receiver'),
    subscription: qualify('subscription'),
    registration: qualify('registration'),
    worker: qualify('worker'),
    deduplication: qualify('deduplication'),
    receiverActivity: qualify('receiver_activity'),
    schemaVersion: qualify('schema'),
  };
}

/** A table of this package by its name without the prefix. */
export function qualifiedTable(name: string, schema: string | undefined): string {
  const table = quoteIdentifier(PREFIX + name);
  return schema === undefined ? table : `${quoteIdentifier(schema)}.${table}`;
}

/** Quotes an identifier the way PostgreSQL's `quote_ident` does when it always quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

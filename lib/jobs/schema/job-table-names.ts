import { qualifiedTable, tableNames } from '../../engine/schema/table-names.js';

/** The tables of jobs, ready to be put into a statement. */
export interface JobTableNames {
  readonly job: string;
  readonly history: string;
  readonly remembered: string;
  readonly secret: string;
  readonly tally: string;
  readonly tallyChange: string;
  /** Sequence of event ids, which puts requests and events into one order. */
  readonly positions: string;
}

/** @param schema schema that holds them; `undefined` leaves it to the connection's search path. */
export function jobTableNames(schema?: string): JobTableNames {
  return {
    job: qualifiedTable('job', schema),
    history: qualifiedTable('job_history', schema),
    remembered: qualifiedTable('job_remembered', schema),
    secret: qualifiedTable('secret', schema),
    tally: qualifiedTable('job_tally', schema),
    tallyChange: qualifiedTable('job_tally_change', schema),
    positions: tableNames(schema).eventIdSequence,
  };
}

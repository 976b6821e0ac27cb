import { JobsError } from '../../../errors/jobs.error.js';

const SHOWN = 80;

/**
 * SQL was to be run where there is no database, but memory alone.
 *
 * @publicApi
 */
export class NoDatabaseError extends JobsError {
  constructor(statement: string) {
    super(
      `In memory there is no database to run "${shown(statement)}" on: events, deliveries and jobs are kept there, and nothing else. Test what ` +
        "reads and writes by SQL (repositories, JobQueries, JobInsight, operations) on a database, with JobsTestingModule.forRoot({ mode: 'manual' }).",
    );
  }
}

function shown(statement: string): string {
  const line = statement.replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

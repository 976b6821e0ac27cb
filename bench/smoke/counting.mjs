/** Statements of the sessions of a run while something is done, by text. */
export async function counted(database, work) {
  await database.query('select pg_stat_statements_reset()');
  await work();
  return database.statements();
}

/** How often they were sent, together. */
export function callsOf(statements) {
  return total(statements, 'calls');
}

/** One of their columns, summed up. */
export function total(statements, column) {
  return statements.reduce((sum, statement) => sum + statement[column], 0);
}

import { qualifiedTable } from '../../engine/schema/table-names.js';

/** The tables of operations, ready to be put into a statement. */
export interface OperationsTableNames {
  readonly audit: string;
}

/** @param schema schema that holds them; `undefined` leaves it to the connection's search path. */
export function operationsTableNames(schema?: string): OperationsTableNames {
  return { audit: qualifiedTable('audit', schema) };
}

import type { SchemaVersion } from './schema-version.js';

/** What people call a process. */
export const workerLabelSchemaVersion: SchemaVersion = {
  version: 6,
  timestamp: 1795305600005,
  changes: ({ names }) => [names.worker],
  up: ({ names }) => [`alter table ${names.worker} add column label text`],
  extras: () => [],
  down: ({ names }) => [
    `alter table ${names.worker} drop column label`,
    `delete from ${names.schemaVersion} where version = 6`,
  ],
};

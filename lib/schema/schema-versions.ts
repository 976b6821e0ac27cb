import { engineSchemaVersion } from '../engine/schema/engine-schema-version.js';
import { registrationSchemaVersion } from '../engine/schema/registration-schema-version.js';
import { workerLabelSchemaVersion } from '../engine/schema/worker-label-schema-version.js';
import type { SchemaVersion } from '../engine/schema/schema-version.js';
import { jobQueriesSchemaVersion } from '../jobs/schema/job-queries-schema-version.js';
import { jobSchemaVersion } from '../jobs/schema/job-schema-version.js';
import { operationsSchemaVersion } from '../operations/schema/operations-schema-version.js';

/** Every version of the tables, oldest first. */
export const SCHEMA_VERSIONS: readonly SchemaVersion[] = [
  engineSchemaVersion,
  jobSchemaVersion,
  operationsSchemaVersion,
  jobQueriesSchemaVersion,
  registrationSchemaVersion,
  workerLabelSchemaVersion,
];

/** The version this package works with. */
export const CURRENT_SCHEMA_VERSION = Math.max(...SCHEMA_VERSIONS.map(({ version }) => version));

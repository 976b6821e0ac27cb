import { engineSchemaVersion } from '../engine/schema/engine-schema-version.js';
import type { SchemaVersion } from '../engine/schema/schema-version.js';
import { jobSchemaVersion } from '../jobs/schema/job-schema-version.js';

/** Every version of the tables, oldest first. */
export const SCHEMA_VERSIONS: readonly SchemaVersion[] = [engineSchemaVersion, jobSchemaVersion];

/** The version this package works with. */
export const CURRENT_SCHEMA_VERSION = SCHEMA_VERSIONS.length;

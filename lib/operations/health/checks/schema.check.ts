import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { SchemaKeeper } from '../../../schema/schema-keeper.js';
import type { HealthCheck } from '../health-check.js';
import type { HealthFinding } from '../health-report.js';

/** Whether the tables are there, all of them, in the version this package works with. */
export class SchemaCheck implements HealthCheck {
  readonly subject = 'the tables';

  constructor(private readonly schema: Pick<SchemaKeeper, 'inspect'>) {}

  async look(connection: EngineConnection): Promise<readonly HealthFinding[]> {
    const { entities, version, needed, missing, remedy } = await this.schema.inspect(connection);
    const findings: HealthFinding[] = [];
    if (entities !== null) {
      findings.push({
        code: 'entities-missing',
        severity: 'error',
        message: 'The data source does not have the entities of nestjs-jobs where they are expected.',
        remedy: entities,
        details: {},
      });
    }
    if (version < needed) {
      findings.push({
        code: 'schema-behind',
        severity: 'error',
        message: `The tables are at version ${version}, this package needs ${needed}.`,
        remedy,
        details: { version, needed },
      });
    } else if (missing.length > 0) {
      findings.push({
        code: 'tables-missing',
        severity: 'error',
        message: `Tables are missing: ${missing.join(', ')}.`,
        remedy:
          'Somebody dropped them, or the connection looks into another schema: compare the option "schema" with the database, and restore them.',
        details: { missing },
      });
    }
    return findings;
  }
}

import type { QueryRunner } from 'typeorm';
import { EngineDatabase } from '../../../engine/database/engine-database.js';
import { destroyConnection } from '../../../engine/database/postgres-driver.js';

/** The engine's way into a data source whose connections lead into memory. */
export class MemoryEngineDatabase extends EngineDatabase {
  override async detectPooler(): Promise<boolean> {
    return false;
  }

  override async cutOff(queryRunner: QueryRunner): Promise<void> {
    await destroyConnection(queryRunner);
  }
}

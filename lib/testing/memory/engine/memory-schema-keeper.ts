import { SchemaKeeper } from '../../../schema/schema-keeper.js';

/** In memory there are no tables to be made ready. */
export class MemorySchemaKeeper extends SchemaKeeper {
  override async prepare(): Promise<void> {
    // Nothing can be missing.
  }
}

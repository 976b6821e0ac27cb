import { createHash, randomBytes } from 'node:crypto';
import type { EngineDatabase } from '../../engine/database/engine-database.js';
import { statement } from '../../engine/database/statement.js';
import type { JobTableNames } from '../schema/job-table-names.js';

const NAME = 'cursor';
const LENGTH = 32;

/**
 * The key that cursors are signed with: derived from the module's option, or else drawn once by whoever needs it first and kept in the
 * database, so that all processes on it accept each other's cursors.
 */
export class CursorSecretStore {
  private readonly readText;
  private readonly drawText;
  private known: Promise<Buffer> | undefined;

  constructor(
    private readonly database: EngineDatabase,
    { secret }: JobTableNames,
    private readonly given: string | undefined,
  ) {
    this.readText = statement('secret_read', `select secret from ${secret} where name = $1`);
    this.drawText = statement(
      'secret_draw',
      `insert into ${secret} (name, secret) values ($1, $2) on conflict (name) do nothing`,
    );
  }

  /** The key; the tables must be there. */
  read(): Promise<Buffer> {
    this.known ??= this.find().catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  private async find(): Promise<Buffer> {
    const secret = this.given ?? (await this.stored()) ?? (await this.draw());
    return createHash('sha256').update(`nestjs-jobs cursor ${secret}`).digest();
  }

  private async draw(): Promise<string> {
    await this.database.connection.run(this.drawText, [NAME, randomBytes(LENGTH).toString('base64url')]);
    const secret = await this.stored();
    if (secret === undefined) throw new Error('The secret of cursors was drawn and is not there.');
    return secret;
  }

  private async stored(): Promise<string | undefined> {
    const { rows } = await this.database.connection.run<{ secret: string }>(this.readText, [NAME]);
    return rows[0]?.secret;
  }
}

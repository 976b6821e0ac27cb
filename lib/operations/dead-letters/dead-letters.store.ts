import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import { withTimes } from '../paging/item.js';
import type { DeadLetterDetails } from './dead-letter.js';
import {
  discardLettersStatement,
  findDeadLetterStatement,
  type LetterActionRow,
  redriveStatement,
} from './dead-letter.statements.js';

/** Reads dead letters, and makes them deliveries again or settles them. */
export class DeadLettersStore {
  private readonly findText: Statement;
  private readonly redriveText: Statement;
  private readonly discardText: Statement;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    this.findText = findDeadLetterStatement(names);
    this.redriveText = redriveStatement(names);
    this.discardText = discardLettersStatement(names);
  }

  /** A dead letter with everything that is known of it; `undefined` when there is none. */
  async find(connection: EngineConnection, id: string): Promise<DeadLetterDetails | undefined> {
    const { rows } = await connection.run<{ item: string }>(this.findText, [id]);
    if (rows[0] === undefined) return undefined;
    const details = withTimes(JSON.parse(rows[0].item) as DeadLetterDetails, ['diedAt', 'emittedAt']);
    return { ...details, recordedEvent: withTimes(details.recordedEvent, ['emittedAt', 'retainUntil']) };
  }

  async redrive(connection: EngineConnection, ids: readonly string[]): Promise<readonly LetterActionRow[]> {
    return (await connection.run<LetterActionRow>(this.redriveText, [ids, this.clock.offset])).rows;
  }

  async discard(
    connection: EngineConnection,
    ids: readonly string[],
    reason: string,
  ): Promise<readonly LetterActionRow[]> {
    return (await connection.run<LetterActionRow>(this.discardText, [ids, reason])).rows;
  }
}

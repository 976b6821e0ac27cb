import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import type { AuditAction } from '../audit/audit-entry.js';
import type { AuditStore } from '../audit/audit.store.js';
import { OperationChecks } from '../operation-checks.js';
import type { OperationsSession } from '../operations.session.js';
import type { KnownReceiversStore } from '../receivers/known-receivers.store.js';
import { PRUNE_BATCH, type PruneRow, pruneStatements, type PruneStatements } from './prune.statements.js';
import type { PruneCounts, PruneOptions } from './prune-options.interface.js';

const OPTIONS = ['actor', 'olderThan', 'failedOlderThan', 'receivers', 'dryRun', 'signal'];

/** One kind of row that is pruned. */
interface Prunable {
  readonly look: Statement;
  readonly lock: Statement;
  readonly remove: Statement;
  /** Of the look, after the id to look on from. */
  readonly values: readonly unknown[];
  readonly action: AuditAction;
  readonly subject: string;
}

/**
 * Removes what is of no more use before its retention is over, or what has none.
 *
 * @publicApi
 */
export class Retention {
  private readonly statements: PruneStatements;

  constructor(
    private readonly session: OperationsSession,
    names: TableNames,
    private readonly receivers: KnownReceiversStore,
    private readonly audit: AuditStore,
    private readonly clock: Clock,
  ) {
    this.statements = pruneStatements(names);
  }

  /**
   * Prunes dead letters, then events, that are old enough, whatever their retention says: in batches of at most 5,000, each a transaction
   * with its audit record. What a delivery that is still open needs stays, and so does an event with a dead letter that stays. Jobs are
   * never touched.
   *
   * @returns how many were removed; with `dryRun` how many would be.
   * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
   * @throws ReceiverNotFoundError when no receiver is meant by one of `receivers`.
   */
  async prune(options: PruneOptions): Promise<PruneCounts> {
    const checks = new OperationChecks('Retention.prune');
    checks.object('', options, OPTIONS);
    const actor = checks.actor(options.actor);
    const age = checks.duration('olderThan', options.olderThan);
    const failedAge = checks.duration('failedOlderThan', options.failedOlderThan ?? age);
    const patterns = checkReceivers(options.receivers, checks);
    const dryRun = checks.boolean('dryRun', options.dryRun ?? false);
    const signal = checks.signal(options.signal);
    const numbers = await this.session.read((connection) => this.numbersOf(connection, patterns));
    const details = {
      olderThan: age,
      failedOlderThan: failedAge,
      ...(patterns === undefined ? {} : { receivers: patterns }),
    };
    const { statements, clock } = this;
    const run = (prunable: Prunable): Promise<number> =>
      this.each(prunable, dryRun ? undefined : { actor, details }, signal);
    const deadLetters = await run({
      look: statements.letters,
      lock: statements.lockLetters,
      remove: statements.removeLetters,
      values: [clock.offset, failedAge, numbers],
      action: 'dead-letter.pruned',
      subject: 'dead-letters',
    });
    const events = await run({
      look: statements.events,
      lock: statements.lockEvents,
      remove: statements.removeEvents,
      values: [clock.offset, age, failedAge, numbers],
      action: 'event.pruned',
      subject: 'events',
    });
    return { events, deadLetters };
  }

  /** Goes through a table, batch by batch. Counts alone without `record`. */
  private async each(
    prunable: Prunable,
    record: { readonly actor: string; readonly details: Readonly<Record<string, unknown>> } | undefined,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    let pruned = 0;
    for (let after: string | null = '0'; after !== null;) {
      signal?.throwIfAborted();
      const { rows } = await this.session.read((connection) =>
        connection.run<PruneRow>(prunable.look, [after, ...prunable.values]),
      );
      const row: PruneRow | undefined = rows[0];
      const ids = JSON.parse(row?.ids ?? '[]') as readonly string[];
      if (ids.length > 0) {
        pruned += record === undefined ? ids.length : await this.remove(prunable, ids, record);
      }
      after = row !== undefined && row.looked_at >= PRUNE_BATCH ? row.last : null;
    }
    return pruned;
  }

  private remove(
    { lock, remove, action, subject }: Prunable,
    ids: readonly string[],
    record: { readonly actor: string; readonly details: Readonly<Record<string, unknown>> },
  ): Promise<number> {
    return this.session.act(async (connection) => {
      const locked = await connection.run<{ id: string }>(lock, [ids]);
      const { rowCount } = await connection.run(remove, [locked.rows.map(({ id }) => id)]);
      const count = rowCount ?? 0;
      if (count > 0) {
        await this.audit.record(connection, {
          actor: record.actor,
          action,
          subject,
          details: { ...record.details, count },
        });
      }
      return count;
    });
  }

  private async numbersOf(
    connection: EngineConnection,
    patterns: readonly string[] | undefined,
  ): Promise<readonly number[] | null> {
    if (patterns === undefined) return null;
    return (await this.receivers.matching(connection, patterns)).map(({ number }) => number);
  }
}

function checkReceivers(receivers: unknown, checks: OperationChecks): readonly string[] | undefined {
  if (receivers === undefined) return undefined;
  const expectation = "a list of receiver ids, such as ['order.*', 'analytics.count']";
  const list = checks.items('receivers', receivers, Infinity, expectation);
  if (list.every((one): one is string => typeof one === 'string' && one !== ''))
    return list.map((one) => checks.storable('receivers', one));
  throw checks.invalid('receivers', expectation, receivers);
}

import type { LockHolder, MemoryLocks } from './memory-locks.js';
import type { MemoryTable } from './memory-table.js';

type Changes = Map<MemoryTable<object>, Map<string, object | undefined>>;

interface Savepoint {
  readonly name: string;
  readonly changes: Changes;
  readonly locks: ReadonlySet<string>;
}

/**
 * What one transaction changes, beside what is committed: others see nothing of it before it commits, and nothing ever when it rolls back.
 * A row that it changes is locked until then. It reads what is committed at the moment of the read, and its own changes.
 */
export class MemoryTransaction implements LockHolder {
  private changes: Changes = new Map();
  private readonly locks = new Set<string>();
  private savepoints: Savepoint[] = [];

  /**
   * @param number its place in the order of transactions.
   * @param startedAt the time as it is for all of its statements.
   */
  constructor(
    readonly number: bigint,
    readonly startedAt: Date,
    private readonly allLocks: MemoryLocks,
  ) {}

  get label(): string {
    return `transaction ${this.number}`;
  }

  find<Row extends object>(table: MemoryTable<Row>, key: string): Row | undefined {
    const own = this.changes.get(table);
    return own?.has(key) === true ? (own.get(key) as Row | undefined) : table.rows.get(key);
  }

  all<Row extends object>(table: MemoryTable<Row>): Row[] {
    const own = this.changes.get(table);
    if (own === undefined) return [...table.rows.values()];
    const rows = new Map<string, object | undefined>([...table.rows, ...own]);
    return [...rows.values()].filter((row): row is Row => row !== undefined);
  }

  put<Row extends object>(table: MemoryTable<Row>, key: string, row: Row | undefined): void {
    let own = this.changes.get(table);
    if (own === undefined) this.changes.set(table, (own = new Map<string, object | undefined>()));
    own.set(key, row);
  }

  /** The row as it is once nobody else changes it. */
  async findForUpdate<Row extends object>(table: MemoryTable<Row>, key: string): Promise<Row | undefined> {
    await this.lock(rowLock(table, key));
    return this.find(table, key);
  }

  /** The row unless somebody else changes it. */
  findUnlocked<Row extends object>(table: MemoryTable<Row>, key: string): Row | undefined {
    return this.tryLock(rowLock(table, key)) ? this.find(table, key) : undefined;
  }

  async lock(name: string): Promise<void> {
    await this.allLocks.take(name, this);
    this.locks.add(name);
  }

  tryLock(name: string): boolean {
    const taken = this.allLocks.tryTake(name, this);
    if (taken) this.locks.add(name);
    return taken;
  }

  savepoint(name: string): void {
    this.savepoints.push({ name, changes: copyOf(this.changes), locks: new Set(this.locks) });
  }

  /** The savepoint stays, as it does in SQL. */
  rollBackTo(name: string): void {
    const index = this.indexOf(name);
    const savepoint = this.savepoints[index];
    if (savepoint === undefined) return;
    this.savepoints = this.savepoints.slice(0, index + 1);
    this.changes = copyOf(savepoint.changes);
    for (const lock of this.locks) if (!savepoint.locks.has(lock)) this.release(lock);
  }

  releaseSavepoint(name: string): void {
    this.savepoints = this.savepoints.slice(0, Math.max(this.indexOf(name), 0));
  }

  commit(): void {
    for (const [table, changes] of this.changes) {
      for (const [key, row] of changes) {
        if (row === undefined) table.rows.delete(key);
        else table.rows.set(key, row);
      }
    }
    this.end();
  }

  rollBack(): void {
    this.end();
  }

  private end(): void {
    this.changes = new Map();
    for (const lock of this.locks) this.release(lock);
  }

  private release(lock: string): void {
    this.locks.delete(lock);
    this.allLocks.release(lock);
  }

  private indexOf(name: string): number {
    return this.savepoints.map((savepoint) => savepoint.name).lastIndexOf(name);
  }
}

function rowLock(table: MemoryTable<object>, key: string): string {
  return `${table.name} ${key}`;
}

function copyOf(changes: Changes): Changes {
  return new Map([...changes].map(([table, rows]) => [table, new Map(rows)]));
}

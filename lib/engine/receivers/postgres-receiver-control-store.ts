import type { Clock } from '../clock/clock.js';
import type { EngineConnection } from '../database/engine-connection.js';
import type { Statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { parseControls, type ReceiverControl } from './receiver-control.js';
import { ReceiverControlStore } from './receiver-control-store.port.js';
import {
  pauseStatement,
  readControlsStatement,
  resumeStatement,
  setConcurrencyStatement,
} from './receiver-control.statements.js';

/** Keeps what operators decided about receivers, by their present names. Each change says whether there is such a receiver. */
export class PostgresReceiverControlStore extends ReceiverControlStore {
  private readonly readText: Statement;
  private readonly pauseText: Statement;
  private readonly resumeText: Statement;
  private readonly setConcurrencyText: Statement;

  constructor(
    names: TableNames,
    private readonly clock: Clock,
  ) {
    super();
    this.readText = readControlsStatement(names);
    this.pauseText = pauseStatement(names);
    this.resumeText = resumeStatement(names);
    this.setConcurrencyText = setConcurrencyStatement(names);
  }

  /** What is decided of those receivers of which anything is. */
  async read(connection: EngineConnection): Promise<readonly ReceiverControl[]> {
    const { rows } = await connection.run<{ controls: string | null }>(this.readText, []);
    return parseControls(rows[0]?.controls ?? null);
  }

  async pause(connection: EngineConnection, name: string, actor: string): Promise<boolean> {
    return found(await connection.run(this.pauseText, [name, actor, this.clock.offset]));
  }

  async resume(connection: EngineConnection, name: string): Promise<boolean> {
    return found(await connection.run(this.resumeText, [name]));
  }

  async setConcurrency(connection: EngineConnection, name: string, concurrency: number | null): Promise<boolean> {
    return found(await connection.run(this.setConcurrencyText, [name, concurrency]));
  }
}

function found({ rows }: { readonly rows: readonly unknown[] }): boolean {
  return rows.length > 0;
}

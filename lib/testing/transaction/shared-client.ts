import type { PooledClient } from '../../engine/database/postgres-driver.js';
import type { SqlResult } from '../../engine/database/sql-client.js';
import type { NestedTransaction, QueryArguments, SharedConnection } from './shared-connection.js';

type Answer = (error: unknown, result?: SqlResult<object>) => void;

type Listener = Parameters<PooledClient['on']>[1];

/** A client as `pg` has it: how it answers depends on what it is given. */
interface RawClient {
  query(...query: readonly unknown[]): unknown;
}

/** What `pg` calls a client, on the connection that all share. */
export function sharedClient(real: PooledClient, shared: SharedConnection): PooledClient {
  const user = new ConnectionUser(shared);
  const own: Readonly<Record<string, unknown>> = {
    query: (...query: QueryArguments) => user.query(real, query),
    getTransactionStatus: () => user.transactionStatus,
    release: () => user.leave(),
    end: () => user.leave(),
    // Whoever took the connection from its pool hears of its loss. Its users may be more than Node allows listeners without a warning.
    on: (event: string, listener: Listener) => event !== 'error' && real.on(event, listener),
    off: (event: string, listener: Listener) => event !== 'error' && real.off(event, listener),
    ref: () => undefined,
    unref: () => undefined,
    // Unknown, so that nobody ends the connection to end one of its users.
    processID: undefined,
  };
  return new Proxy(real, {
    get: (target, name) => {
      if (typeof name === 'string' && name in own) return own[name];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** One of those who share the connection. */
class ConnectionUser {
  private transaction: NestedTransaction | undefined;

  constructor(private readonly shared: SharedConnection) {}

  get transactionStatus(): string {
    if (this.transaction === undefined) return 'I';
    return this.transaction.failed ? 'E' : 'T';
  }

  query(real: RawClient, query: QueryArguments): unknown {
    const [statement, ...rest] = query;
    // A cursor or stream sends its statements itself.
    if (isSubmittable(statement)) return real.query(...query);
    const answer = rest.at(-1);
    if (!isAnswer(answer)) return this.run(query);
    this.run([statement, ...rest.slice(0, -1)]).then((result) => answer(null, result), answer);
    return undefined;
  }

  /** Whoever gives a connection back with an open transaction has it rolled back. */
  async leave(): Promise<void> {
    if (this.transaction !== undefined) await this.run(['rollback']).catch(() => undefined);
  }

  private run(query: QueryArguments): Promise<SqlResult<object>> {
    return this.shared.run(
      query,
      () => this.transaction,
      (transaction) => (this.transaction = transaction),
    );
  }
}

function isSubmittable(query: unknown): boolean {
  return typeof query === 'object' && query !== null && 'submit' in query && typeof query.submit === 'function';
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'function';
}

import type { TableNames } from '../../engine/schema/table-names.js';
import { OperationChecks } from '../operation-checks.js';
import type { OperationsSession } from '../operations.session.js';
import { parseItem } from '../paging/item.js';
import { type Page, PAGE_OPTIONS, PAGE_SIZE, type PageOptions, pageSize } from '../paging/page.js';
import { type ProcessRow, processesStatement } from './processes.statements.js';
import type { WorkerProcess, WorkerProcessState } from './worker-process.js';

/**
 * Which processes to list.
 *
 * @publicApi
 */
export interface ProcessListOptions extends PageOptions {
  readonly state?: WorkerProcessState;
}

const STATES = ['live', 'silent', 'left', 'dead'] as const;
const HIGHEST_ID = 2 ** 31 - 1;

/**
 * The processes that work, each start of one by itself; those that ended are kept for a week.
 *
 * @publicApi
 */
export class Processes {
  private readonly text: string;

  constructor(
    private readonly session: OperationsSession,
    names: TableNames,
  ) {
    this.text = processesStatement(names);
  }

  /**
   * Lists processes, those that started last first.
   *
   * @throws InvalidOptionError, UnknownOptionError naming the option.
   */
  async list(options: ProcessListOptions = {}): Promise<Page<WorkerProcess>> {
    const checks = new OperationChecks('Processes.list');
    checks.object('', options, ['state', ...PAGE_OPTIONS]);
    const state = options.state === undefined ? null : checks.oneOf('state', options.state, STATES);
    const after = options.after === undefined ? null : checkAfter(options.after, checks);
    if (options.limit !== undefined) checks.integer('limit', options.limit, PAGE_SIZE);
    const limit = pageSize(options);
    const { rows } = await this.session.read((connection) =>
      connection.runUnprepared<ProcessRow>(this.text, [after, state, limit]),
    );
    const items = rows.map(({ process }) => parseItem<WorkerProcess>(process, ['startedAt', 'lastSeenAt']));
    return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
  }
}

function checkAfter(after: unknown, checks: OperationChecks): number {
  if (typeof after === 'string' && /^\d{1,10}$/.test(after) && Number(after) <= HIGHEST_ID) return Number(after);
  throw checks.invalid('after', 'what a page of this list gave as next', after);
}

import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import type { OptionChecks } from '../../options/option-checks.js';
import { cursorText, filterDigest, parseCursor } from '../paging/cursor.js';
import { parseItem } from '../paging/item.js';
import { type Page, type PageOptions, pageSize } from '../paging/page.js';
import type { Walk } from '../paging/walk.js';
import type { ErrorGroup } from './error-group.js';
import { type ErrorGroupRow, type ErrorGroupSource, errorGroupsStatement } from './error-group.statements.js';

/** The order of groups, as cursors know it. */
const GROUPS: Pick<Walk, 'name' | 'keys'> = {
  name: 'groups',
  keys: [
    { column: 'receiver', type: 'integer' },
    { column: 'fingerprint', type: 'text' },
  ],
};
const BEFORE_ALL: readonly [string, string] = ['-1', ''];

/** Reads groups of errors in pages. */
export class ErrorGroupReader {
  private readonly text: string;
  private readonly digest: string;

  /** @param receivers numbers of the receiver that was asked for; `null` for all. */
  constructor(
    names: TableNames,
    source: ErrorGroupSource,
    private readonly receivers: readonly number[] | null,
  ) {
    this.text = errorGroupsStatement(names, source);
    this.digest = filterDigest([source.table, receivers]);
  }

  async page(connection: EngineConnection, options: PageOptions, checks: OptionChecks): Promise<Page<ErrorGroup>> {
    const limit = pageSize(options);
    const { after } = options;
    const keys = after === undefined ? null : parseCursor(after, [GROUPS], this.digest, checks).keys;
    const [receiver, fingerprint] = keys ?? BEFORE_ALL;
    const values = [receiver, fingerprint, limit + 1, this.receivers];
    const { rows } = await connection.runUnprepared<ErrorGroupRow>(this.text, values);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(({ item }) => parseItem<ErrorGroup>(item, ['firstSeen', 'lastSeen'])),
      next:
        last === undefined
          ? null
          : cursorText({ walk: GROUPS, keys: [String(last.receiver), last.fingerprint] }, this.digest),
    };
  }
}

import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { OptionChecks } from '../../options/option-checks.js';
import { cursorText, filterDigest, parseCursor } from '../paging/cursor.js';
import { type Page, type PageOptions, pageSize } from '../paging/page.js';
import type { Walk } from '../paging/walk.js';
import type { ErrorGroup } from './dead-letter.js';
import type { DeadLettersStore, ErrorGroupKey } from './dead-letters.store.js';

/** The order of groups, as cursors know it. */
const GROUPS: Pick<Walk, 'name' | 'keys'> = {
  name: 'groups',
  keys: [
    { column: 'receiver', type: 'integer' },
    { column: 'fingerprint', type: 'text' },
  ],
};
const FIRST: ErrorGroupKey = { receiver: -1, fingerprint: '' };

/** Reads groups of errors in pages. */
export class ErrorGroupReader {
  private readonly digest: string;

  constructor(
    private readonly store: DeadLettersStore,
    private readonly receivers: readonly number[] | null,
    receiver: string | undefined,
  ) {
    this.digest = filterDigest(['errors', receiver]);
  }

  async page(connection: EngineConnection, options: PageOptions, checks: OptionChecks): Promise<Page<ErrorGroup>> {
    const limit = pageSize(options);
    const found = await this.store.errorGroups(connection, this.receivers, this.start(options, checks), limit + 1);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      items: found.slice(0, limit).map(({ group }) => group),
      next:
        last === undefined
          ? null
          : cursorText({ walk: GROUPS, keys: [String(last.receiver), last.fingerprint] }, this.digest),
    };
  }

  private start({ after }: PageOptions, checks: OptionChecks): ErrorGroupKey {
    if (after === undefined) return FIRST;
    const [receiver, fingerprint] = parseCursor(after, [GROUPS], this.digest, checks).keys ?? [];
    return receiver === undefined || fingerprint === undefined ? FIRST : { receiver: Number(receiver), fingerprint };
  }
}

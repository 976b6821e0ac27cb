import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { OptionChecks } from '../../options/option-checks.js';
import { type Cursor, cursorText, filterDigest, parseCursor } from './cursor.js';
import type { Listing } from './listing.js';
import { type CappedCount, type Page, type PageOptions, pageSize } from './page.js';
import { cappedCount, countStatement, type CountRow, type PageRow, pageStatement } from './page.statements.js';

/** Statements a page may take: what a filter lets through may lie far apart. */
const STATEMENTS = 10;

interface PageRowText {
  readonly keys: string;
  readonly item: string | null;
  readonly last: boolean;
}

/** Reads lists in pages, each of them bounded in what it reads. */
export class ListReader {
  /** @param filter what the list was made from: a cursor is only good for the same. */
  constructor(
    private readonly listing: Listing,
    filter: unknown,
  ) {
    this.digest = filterDigest(filter);
  }

  private readonly digest: string;

  /**
   * Reads a page; `parse` makes an item of its JSON.
   *
   * @throws InvalidOptionError when `after` is no cursor of this list.
   */
  async page<Item>(
    connection: EngineConnection,
    options: PageOptions,
    checks: OptionChecks,
    parse: (json: string) => Item,
  ): Promise<Page<Item>> {
    const limit = pageSize(options);
    const items: Item[] = [];
    let cursor = this.start(options, checks);
    for (let statements = 0; cursor !== undefined && statements < STATEMENTS && items.length < limit; statements += 1) {
      const wanted = limit - items.length;
      const rows = await this.read(connection, cursor, wanted + 1);
      const found = rows.flatMap(({ item, keys }) => (item === null ? [] : [{ item, keys }])).slice(0, wanted);
      for (const { item } of found) items.push(parse(item));
      cursor = this.follow(cursor, rows, found.length === wanted ? found.at(-1)?.keys : undefined, wanted);
    }
    return { items, next: cursor === undefined ? null : cursorText(cursor, this.digest) };
  }

  /** Counts the list, up to what may be looked at. */
  async count(connection: EngineConnection): Promise<CappedCount> {
    const counted: CountRow[] = [];
    for (const walk of this.listing.walks) {
      const { text, values } = countStatement(this.listing, walk);
      const { rows } = await connection.runUnprepared<CountRow>(text, values);
      counted.push(...rows);
      if (cappedCount(counted).capped) break;
    }
    return cappedCount(counted);
  }

  private start({ after }: PageOptions, checks: OptionChecks): Cursor | undefined {
    const { walks } = this.listing;
    if (after !== undefined) return parseCursor(after, walks, this.digest, checks);
    return walks[0] === undefined ? undefined : { walk: walks[0], keys: null };
  }

  private async read(connection: EngineConnection, { walk, keys }: Cursor, limit: number): Promise<readonly PageRow[]> {
    const { text, values } = pageStatement(this.listing, walk, keys, limit);
    const { rows } = await connection.runUnprepared<PageRowText>(text, values);
    return rows.map((row) => ({ ...row, keys: JSON.parse(row.keys) as string[] }));
  }

  /** Where to go on: behind the last item of a full page, else behind the last row looked at, else with the next walk. */
  private follow(
    { walk }: Cursor,
    rows: readonly PageRow[],
    lastOfFull: readonly string[] | undefined,
    wanted: number,
  ): Cursor | undefined {
    const last = rows.at(-1);
    if (lastOfFull !== undefined && rows.length > wanted) return { walk, keys: lastOfFull };
    if (last?.last === true) return { walk, keys: last.keys };
    const next = this.listing.walks[this.listing.walks.indexOf(walk) + 1];
    return next === undefined ? undefined : { walk: next, keys: null };
  }
}

import type { Page } from '../paging/page.js';
import type { CheckedPace } from './paced-options.js';
import type { PacedChanges } from './paced-changes.js';
import { Pace } from './pace.js';

/** How one batch ended. */
export type BatchChanges = Omit<PacedChanges, 'next'>;

/** The parts of a large action. */
export interface PacedAction<Item> {
  /** Reads what comes next, so many at most. */
  read(after: string | undefined, limit: number): Promise<Page<Item>>;
  /** Acts on what was read; one transaction. */
  act(items: readonly Item[]): Promise<BatchChanges>;
}

/** Does a large action batch by batch, until its limit, its end or its signal. Rejects with the signal's reason when that came first. */
export async function paced<Item>(
  action: PacedAction<Item>,
  { limit, rate, signal, dryRun }: CheckedPace,
  after: string | undefined,
): Promise<PacedChanges> {
  signal?.throwIfAborted();
  const pace = new Pace(dryRun ? Infinity : rate, signal);
  let changed = 0;
  let open = 0;
  let next: string | null | undefined = after;
  for (let left = limit; left > 0 && next !== null && !pace.isStopped;) {
    const page: Page<Item> = await action.read(next, pace.batch(left));
    if (page.items.length > 0) {
      const batch = dryRun ? { changed: page.items.length, open: 0 } : await action.act(page.items);
      changed += batch.changed;
      open += batch.open;
      left -= page.items.length;
    }
    next = page.next;
    if (next !== null && left > 0) await pace.did(page.items.length);
  }
  return { changed, open, next: next ?? null };
}

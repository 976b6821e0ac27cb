import fc from 'fast-check';
import {
  type ClaimedPosition,
  PRIORITY_BANDS,
  ReadyBounds,
  type Snapshot,
} from '../../lib/engine/claiming/ready-bounds.js';
import { runs, SEED } from './support/property-runs.js';

/** A ready row: it lies at the id of the transaction that wrote it, and is there once that commits. */
interface Row extends ClaimedPosition {
  readonly number: number;
}

/** A table and its transactions, without a database: nothing of it is hidden from the test. */
class Table {
  readonly rows: Row[] = [];
  readonly open = new Map<bigint, Row[]>();
  written = 0;
  private nextXid = 100n;

  begin(priorities: readonly number[]): void {
    const readyXid = this.nextXid++;
    this.open.set(
      readyXid,
      priorities.map((priority) => ({ priority, readyXid, number: this.written++ })),
    );
  }

  end(nth: number, committed: boolean): number {
    const xid = [...this.open.keys()][nth % Math.max(1, this.open.size)];
    if (xid === undefined) return 0;
    const rows = this.open.get(xid) ?? [];
    this.open.delete(xid);
    if (committed) this.rows.push(...rows);
    return committed ? rows.length : 0;
  }

  get snapshot(): Snapshot {
    return { xmax: this.nextXid, open: [...this.open.keys()] };
  }

  /** Takes what the claim statement would: what was left behind below the bounds, then what follows, each band by band. */
  claim({ bounds, holes }: ReadyBounds, room: number): readonly Row[] {
    const inOrder = [...this.rows].sort((a, b) => a.priority - b.priority || Number(a.readyXid - b.readyXid));
    const low = (row: Row): bigint => bounds[row.priority]!;
    const leftBehind = inOrder.filter((row) => row.readyXid < low(row) && holes.includes(row.readyXid));
    const following = inOrder.filter((row) => row.readyXid >= low(row));
    const taken = [...leftBehind.slice(0, room), ...following.slice(0, room)].slice(0, room);
    for (const row of taken) this.rows.splice(this.rows.indexOf(row), 1);
    return taken;
  }
}

type Action =
  | { readonly kind: 'begin'; readonly priorities: readonly number[] }
  | { readonly kind: 'end'; readonly nth: number; readonly committed: boolean }
  | { readonly kind: 'claim'; readonly room: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('begin' as const),
      priorities: fc.array(fc.nat({ max: PRIORITY_BANDS - 1 }), { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('end' as const), nth: fc.nat({ max: 60 }), committed: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), room: fc.constantFrom(1, 2, 3, 5, 1_000) }),
  },
);

describe(`Ready bounds (seed ${SEED})`, () => {
  it('never pass a row that is not claimed, in whatever order its transactions end', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 100, size: 'max' }), (actions) => {
        const table = new Table();
        const bounds = new ReadyBounds();
        const claim = (room: number): void => {
          const { snapshot } = table;
          const before = [...bounds.bounds];
          const visible = table.rows.length;
          const taken = table.claim(bounds, room);
          expect(taken).toHaveLength(Math.min(room, visible));
          bounds.advance(snapshot, taken, taken.length === room);
          expect(bounds.bounds.filter((bound, band) => bound < before[band]!)).toEqual([]);
        };
        for (const one of actions) {
          if (one.kind === 'begin') table.begin(one.priorities);
          else if (one.kind === 'end') table.end(one.nth, one.committed);
          else claim(one.room);
        }
        while (table.open.size > 0) table.end(0, true);
        claim(1_000);
        expect(table.rows).toEqual([]);
      }),
      runs(200),
    );
  });

  it('leave what was claimed behind: where no writer is open, the next look begins at the end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat({ max: PRIORITY_BANDS - 1 }), { minLength: 1, maxLength: 3 }), { maxLength: 30 }),
        (writes) => {
          const table = new Table();
          const bounds = new ReadyBounds();
          for (const priorities of writes) {
            table.begin(priorities);
            table.end(0, true);
          }
          const { snapshot } = table;
          bounds.advance(snapshot, table.claim(bounds, 1_000), false);
          expect([new Set(bounds.bounds), bounds.holes]).toEqual([new Set([snapshot.xmax]), []]);
        },
      ),
      runs(200),
    );
  });
});

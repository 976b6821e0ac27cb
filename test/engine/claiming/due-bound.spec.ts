import { DueBound } from '../../../lib/engine/claiming/due-bound.js';
import { parseSnapshot } from '../../../lib/engine/claiming/ready-bounds.js';

const MINUTE = 60_000;
const NONE_OPEN = parseSnapshot('100:100:');
const SEVEN_OPEN = parseSnapshot('7:100:7');

describe('DueBound', () => {
  let bound: DueBound;
  beforeEach(() => {
    bound = new DueBound();
    bound.advance(0, NONE_OPEN, true);
  });

  it('begins at the beginning', () => {
    expect(new DueBound().from).toBe(-Infinity);
  });

  it('follows the clock at a distance', () => {
    bound.advance(MINUTE, NONE_OPEN, true);
    expect(bound.from).toBe(MINUTE - 10_000);
  });

  it('stays while something due is left', () => {
    const { from } = bound;
    bound.advance(MINUTE, NONE_OPEN, false);
    expect(bound.from).toBe(from);
  });

  it('goes back to before a transaction was first seen when that ends long after', () => {
    bound.advance(1_000, SEVEN_OPEN, true);
    bound.advance(MINUTE, SEVEN_OPEN, true);

    expect([bound.advance(2 * MINUTE, NONE_OPEN, true), bound.from]).toEqual([true, -5_000]);
  });

  it('goes back to the beginning for a transaction that was open at the first look', () => {
    const first = new DueBound();
    first.advance(0, SEVEN_OPEN, true);

    expect([first.advance(MINUTE, NONE_OPEN, true), first.from]).toEqual([true, -Infinity]);
  });

  it('does not look again from where it looks already', () => {
    bound.advance(1_000, SEVEN_OPEN, true);
    bound.advance(5_000, SEVEN_OPEN, false);
    bound.advance(5_000, SEVEN_OPEN, true);

    expect([bound.from, bound.advance(5_000, NONE_OPEN, true)]).toEqual([-5_000, false]);
  });

  it('begins again after a reset', () => {
    bound.advance(MINUTE, NONE_OPEN, true);
    bound.reset();

    expect(bound.from).toBe(-Infinity);
  });

  it('goes back once only', () => {
    bound.advance(1_000, SEVEN_OPEN, true);
    bound.advance(MINUTE, NONE_OPEN, true);

    expect([bound.advance(MINUTE, NONE_OPEN, true), bound.from]).toEqual([false, MINUTE - 10_000]);
  });

  it('does not go back for transactions as short as most are', () => {
    bound.advance(1_000, SEVEN_OPEN, true);

    expect(bound.advance(2_000, NONE_OPEN, true)).toBe(false);
  });
});

import { parseSnapshot, ReadyBounds } from '../../../lib/engine/claiming/ready-bounds.js';

const position = (readyXid: number, priority = 4) => ({ priority, readyXid: BigInt(readyXid) });
const snapshot = (xmax: number, open: readonly number[] = []) => ({ xmax: BigInt(xmax), open: open.map(BigInt) });

describe('ReadyBounds', () => {
  it('reads a snapshot as PostgreSQL prints it', () => {
    expect(parseSnapshot('10:20:10,14')).toEqual({ xmax: 20n, open: [10n, 14n] });
    expect(parseSnapshot('20:20:')).toEqual({ xmax: 20n, open: [] });
  });

  it('moves every band to the end of the snapshot when all was taken', () => {
    const bounds = new ReadyBounds();
    bounds.advance(snapshot(50), [position(20), position(30)], false);
    expect(bounds.bounds).toEqual(new Array(8).fill(50n));
    expect(bounds.holes).toEqual([]);
  });

  it('stays at what it took where more may be left, and does not touch the bands behind it', () => {
    const bounds = new ReadyBounds();
    bounds.advance(snapshot(50), [position(20, 1), position(30, 4), position(22, 4)], true);
    expect(bounds.bounds).toEqual([50n, 50n, 50n, 50n, 22n, 0n, 0n, 0n]);
  });

  it('remembers writers that were open below the bound', () => {
    const bounds = new ReadyBounds();
    bounds.advance(snapshot(50, [12, 40]), [], false);
    expect(bounds.holes).toEqual([12n, 40n]);
    bounds.advance(snapshot(60, [40]), [position(12)], false);
    expect(bounds.holes).toEqual([40n]);
  });

  it('keeps a hole after a full claim, which may not have emptied it', () => {
    const bounds = new ReadyBounds();
    bounds.advance(snapshot(50, [12]), [], false);
    bounds.advance(snapshot(60), [position(12), position(12)], true);
    expect(bounds.holes).toEqual([12n]);
    expect(bounds.bounds[4]).toBe(50n);
  });

  it('moves no further than the oldest writer it cannot remember', () => {
    const bounds = new ReadyBounds();
    const open = Array.from({ length: 20 }, (_, index) => 100 + index);
    bounds.advance(snapshot(500, open), [], false);
    expect(bounds.bounds[0]).toBe(116n);
    expect(bounds.holes).toHaveLength(16);
  });

  it('moves the bands before what it took at the very bound', () => {
    const bounds = new ReadyBounds();
    bounds.advance(snapshot(50), [], false);
    bounds.advance(snapshot(60), [position(50)], true);
    expect(bounds.bounds).toEqual([60n, 60n, 60n, 60n, 50n, 50n, 50n, 50n]);
  });

  it('has no holes at first, and after a reset', () => {
    const bounds = new ReadyBounds();
    expect(bounds.holes).toEqual([]);
    bounds.advance(snapshot(50, [12]), [], false);
    bounds.reset();
    expect(bounds.holes).toEqual([]);
  });

  it('never moves back, until it is reset', () => {
    const bounds = new ReadyBounds();
    bounds.advance(snapshot(50), [], false);
    bounds.advance(snapshot(60), [position(55)], true);
    expect(bounds.bounds[4]).toBe(55n);
    expect(bounds.bounds[0]).toBe(60n);
    bounds.reset();
    expect(bounds.bounds[4]).toBe(0n);
  });
});

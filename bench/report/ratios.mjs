/** The key figure of each of our rows as a share of the best peer's and of the floor's; below 1 is better, unless `higher` is. */
export function ratios({ key, higher = false, rows }) {
  const best = (kind) => {
    const values = rows.filter((row) => row.kind === kind && row.figures[key] !== undefined).map(medianOf(key));
    return values.length === 0 ? undefined : higher ? Math.max(...values) : Math.min(...values);
  };
  const [peer, floor] = [best('peer'), best('floor')];
  return new Map(
    rows
      .filter((row) => row.kind === 'ours' && row.figures[key] !== undefined)
      .map((row) => [row.name, { peer: share(medianOf(key)(row), peer), floor: share(medianOf(key)(row), floor) }]),
  );
}

function medianOf(key) {
  return (row) => row.figures[key].median;
}

function share(value, other) {
  return other === undefined ? undefined : value / other;
}

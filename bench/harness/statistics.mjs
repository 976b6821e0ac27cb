export function median(values) {
  return quantile(values, 0.5);
}

/** Of the sorted values, that below which the given share lies; between two, the nearer. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const position = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  return below + (above - below) * (position - Math.floor(position));
}

export function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

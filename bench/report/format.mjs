/** Median and, where repeats differ, what they lay between. */
export function formatFigure(figure) {
  if (figure === undefined) return '-';
  const { median, low, high } = figure;
  return low === high ? formatNumber(median) : `${formatNumber(median)} (${formatNumber(low)}-${formatNumber(high)})`;
}

export function formatRatio(value) {
  return value === undefined ? '' : formatNumber(value);
}

export function formatNumber(value) {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size === 0 || (Number.isInteger(value) && size < 100)) return String(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.995 ? 2 : size >= 0.0995 ? 3 : 4);
}

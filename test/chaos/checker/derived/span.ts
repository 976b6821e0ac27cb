/** Time from one moment to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is left of a span without others. */
export function without({ from, to }: Span, others: readonly Span[]): readonly Span[] {
  const left: Span[] = [];
  let at = from;
  for (const other of [...others].sort((a, b) => a.from - b.from)) {
    if (other.from > at) left.push({ from: at, to: Math.min(other.from, to) });
    at = Math.max(at, other.to);
    if (at >= to) break;
  }
  if (at < to) left.push({ from: at, to });
  return left.filter((span) => span.to > span.from);
}

import { median, quantile } from './statistics.mjs';

/**
 * One row of a table: median, lowest and highest of each figure over the repeats.
 * `measured` is a list of `{ [figure]: number }`, one a repeat.
 */
export function summarise(scenario, rows) {
  return {
    scenario: scenario.name,
    title: scenario.title,
    key: scenario.key,
    rows: rows.map(({ name, kind, measured }) => ({
      name,
      kind,
      repeats: measured.length,
      figures: Object.fromEntries(
        figuresOf(measured).map((figure) => {
          const values = measured.map((one) => one[figure]).filter((value) => value !== undefined);
          return [figure, { median: median(values), low: quantile(values, 0), high: quantile(values, 1) }];
        }),
      ),
    })),
  };
}

/** Our key figure as a share of the best peer's and of the floor's; below 1 is better than theirs. */
export function ratios({ key, rows }) {
  const of = (kind) => rows.filter((row) => row.kind === kind && row.figures[key] !== undefined);
  const lowest = (list) => (list.length === 0 ? undefined : Math.min(...list.map((row) => row.figures[key].median)));
  const [peer, floor] = [lowest(of('peer')), lowest(of('floor'))];
  return new Map(
    of('ours').map((row) => {
      const { median: own } = row.figures[key];
      return [row.name, { peer: peer && own / peer, floor: floor && own / floor }];
    }),
  );
}

export function print(summary) {
  const share = ratios(summary);
  const figures = [...new Set(summary.rows.flatMap((row) => Object.keys(row.figures)))];
  const header = [summary.title, ...figures, '× best peer', '× floor'];
  const lines = summary.rows.map((row) => [
    row.name,
    ...figures.map((figure) => cell(row.figures[figure])),
    ratio(share.get(row.name)?.peer),
    ratio(share.get(row.name)?.floor),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((line) => line[column].length)));
  const format = (line) =>
    `| ${line.map((text, column) => (column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column]))).join(' | ')} |`;
  console.log(
    ['', format(header), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(format), ''].join(
      '\n',
    ),
  );
}

function figuresOf(measured) {
  return [...new Set(measured.flatMap((one) => Object.keys(one)))];
}

function cell(figure) {
  if (figure === undefined) return '-';
  const { median: middle, low, high } = figure;
  return low === high ? number(middle) : `${number(middle)} (${number(low)}-${number(high)})`;
}

function ratio(value) {
  return value === undefined ? '' : value.toFixed(2);
}

function number(value) {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4);
}

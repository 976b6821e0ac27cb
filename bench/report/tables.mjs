import { formatFigure, formatRatio } from './format.mjs';
import { ratios } from './ratios.mjs';

/** The table of a scenario, as cells; `figures` chooses columns, all of them unless given. */
export function tableOf(summary, figures = figuresOf(summary)) {
  const share = ratios(summary);
  const compared = ['peer', 'floor'].filter((kind) => [...share.values()].some((ratio) => ratio[kind] !== undefined));
  const titles = { peer: '× best peer', floor: '× floor' };
  return [
    [summary.title, ...figures, ...compared.map((kind) => titles[kind])],
    ...summary.rows.map((row) => [
      row.error === undefined || row.repeats > 0 ? row.name : `${row.name} (failed)`,
      ...figures.map((figure) => formatFigure(row.figures[figure])),
      ...compared.map((kind) => formatRatio(share.get(row.name)?.[kind])),
    ]),
  ];
}

export function figuresOf({ rows }) {
  return [...new Set(rows.flatMap((row) => Object.keys(row.figures)))];
}

/** Cells as a table of Markdown, aligned as prettier aligns it. */
export function markdown([header, ...lines]) {
  const all = [header, ...lines];
  const widths = header.map((_, column) => Math.max(3, ...all.map((line) => [...line[column]].length)));
  const pad = (text, column) => {
    const space = ' '.repeat(widths[column] - [...text].length);
    return column === 0 ? `${text}${space}` : `${space}${text}`;
  };
  const format = (line) => `| ${line.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [format(header), `| ${rule.join(' | ')} |`, ...lines.map(format)].join('\n');
}

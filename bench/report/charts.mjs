// A bar for each row, drawn by hand: what is shown needs no library.
import { formatNumber } from './format.mjs';

const COLOURS = { ours: '#0969da', engine: '#54aeff', floor: '#8c959f', base: '#d0d7de' };
const PEER = '#bc8c00';
const [WIDTH, LABELS, VALUES, LINE, TOP] = [860, 330, 110, 24, 44];

/** An SVG with one figure of a scenario, a bar a row and a thin line from the lowest to the highest of the repeats. */
export function chart({ title, rows, higher }, figure) {
  const shown = rows.filter((row) => Number.isFinite(row.figures[figure]?.median));
  const most = Math.max(...shown.map((row) => row.figures[figure].high), Number.MIN_VALUE);
  const scale = (value) => Math.max(0, (value / most) * (WIDTH - LABELS - VALUES));
  const bars = shown.map((row, index) => bar(row, row.figures[figure], TOP + index * LINE, scale));
  const height = TOP + shown.length * LINE + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img"`,
    `  font-family="-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" fill="#57606a">`,
    `  <rect width="100%" height="100%" fill="#ffffff"/>`,
    `  <text x="10" y="24" font-size="15" font-weight="600" fill="#1f2328">${escape(`${title}: ${figure}`)}</text>`,
    `  <text x="${WIDTH - 10}" y="24" text-anchor="end">${higher ? 'longer' : 'shorter'} is better</text>`,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}

function bar({ name, kind }, { median, low, high }, y, scale) {
  const colour = COLOURS[kind.split(',', 1)[0]] ?? PEER;
  const middle = y + LINE / 2;
  return [
    `  <text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escape(name)}</text>`,
    `  <rect x="${LABELS}" y="${y + 4}" width="${scale(median).toFixed(1)}" height="${LINE - 8}" fill="${colour}"/>`,
    `  <path d="M${(LABELS + scale(low)).toFixed(1)} ${middle}H${(LABELS + scale(high)).toFixed(1)}" stroke="#1f2328"/>`,
    `  <text x="${(LABELS + scale(high) + 6).toFixed(1)}" y="${middle + 4}">${formatNumber(median)}</text>`,
  ].join('\n');
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

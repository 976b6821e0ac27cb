import { goals } from '../goals.mjs';
import { formatNumber } from './format.mjs';
import { markdown } from './tables.mjs';

/** What is to be reached, what was, and whether; as cells. Goals whose scenarios were not measured are left out. */
export function goalsTable(results) {
  const byName = new Map(results.map((result) => [result.scenario, result]));
  return goals.flatMap(({ what, atMost, atLeast, value }) => {
    const reached = value(byName);
    if (reached === undefined || !Number.isFinite(reached)) return [];
    const met = atMost === undefined ? reached >= atLeast : reached <= atMost;
    return [
      [
        what,
        atMost === undefined ? `≥ ${formatNumber(atLeast)}` : `≤ ${formatNumber(atMost)}`,
        formatNumber(reached),
        met ? 'met' : 'missed',
      ],
    ];
  });
}

export function printGoals(results) {
  const lines = goalsTable(results);
  if (lines.length > 0) console.log(`${markdown([['goal', 'limit', 'reached', ''], ...lines])}\n`);
}

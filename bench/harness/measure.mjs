import { Actor } from './actor.mjs';
import { quantile } from './statistics.mjs';

/** Milliseconds a row may take. */
const LIMIT = { quick: 240_000, usual: 240_000, long: 5_400_000 };

/**
 * Measures every row of a scenario as often as asked, in turn, and then counts statements, WAL and buffers of each once, in a run with
 * little to do that is not timed. A row that fails says so and is not tried again; the others go on.
 *
 * A scenario has `name`, `title`, `key` (the figure ratios are taken of; the larger the better if `higher`), `repeats`, and
 * `rows({ size, others })`: a list of `{ name, kind, measure(server) }`, where `size(quick, usual, long)` chooses by profile.
 * One that is `long` runs with --long, with --quick and when asked for by its name. `counted: false` leaves the counting out. With
 * `'throughout'` it goes on all the time, and costs all rows the same: for what depends on how much there is.
 */
export async function measureScenario(server, scenario, options) {
  const { profile, repeats, only, others, progress, hurry = false } = options;
  const rowsOf = (wanted) =>
    scenario
      .rows({ others, quick: wanted === 'quick', size: sizeBy(wanted) })
      .filter(({ name }) => only === undefined || only.test(name))
      .map((row) => ({ ...row, limit: LIMIT[wanted] }));
  const rows = rowsOf(profile).map((row) => ({ ...row, measured: [], counts: [] }));
  const rounds = repeats ?? (profile === 'quick' || hurry ? 1 : scenario.repeats);
  if (scenario.counted === 'throughout') await server.count(true);
  for (let round = 1; round <= rounds; round += 1) {
    // Turned round each time: whoever runs first or after whom must not make a difference.
    await measureRound(server, scenario, round % 2 === 1 ? rows : rows.toReversed(), (row) => {
      progress(`${round}/${rounds} ${row.name}`);
      return row.measured;
    });
  }
  if (scenario.counted === 'throughout') await server.count(false);
  else if (scenario.counted !== false) await countRound(server, scenario, rows, rowsOf('quick'), progress);
  return {
    scenario: scenario.name,
    title: scenario.title,
    key: scenario.key,
    ...(scenario.higher && { higher: true }),
    profile,
    rows: rows.map(summarise),
  };
}

/** Of the same rows with little to do: what is counted does not depend on how much that is. */
async function countRound(server, scenario, rows, small, progress) {
  await server.count(true);
  const counted = small.map((row) => ({ ...row, of: rows.find(({ name }) => name === row.name), error: undefined }));
  await measureRound(
    server,
    scenario,
    counted.filter(({ of }) => of.error === undefined),
    (row) => {
      progress(`counted ${row.name}`);
      return row.of.counts;
    },
  );
  for (const { of, error } of counted) of.error ??= error;
  await server.count(false);
}

async function measureRound(server, scenario, rows, listOf) {
  const round = new Map();
  for (const row of rows.filter(({ error }) => error === undefined)) {
    const list = listOf(row);
    try {
      round.set(row.name, await withinLimit(row.limit, () => row.measure(server)));
      list.push(round.get(row.name));
    } catch (error) {
      row.error = String(error.message).split('\n', 1)[0];
      console.error(error);
    }
  }
  scenario.complete?.(round);
}

/** A row that hangs must not keep the others back. */
async function withinLimit(limit, measure) {
  const timer = setTimeout(() => Actor.killAll(), limit);
  try {
    return await measure();
  } finally {
    clearTimeout(timer);
  }
}

function sizeBy(profile) {
  return (quick, usual, long = usual) => ({ quick, usual, long })[profile];
}

/** Median, lowest and highest of each figure over the repeats. What is counted comes from the run that counts, all else from the others. */
function summarise({ name, kind, measured, counts, error }) {
  const figures = { ...spreads(measured), ...spreads(counts.map(onlyCounted)) };
  return { name, kind, repeats: measured.length, figures, ...(error !== undefined && { error }) };
}

const COUNTED = /^(statements|WAL bytes|buffers)\//;

function onlyCounted(figures) {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => COUNTED.test(name)));
}

function spreads(measured) {
  const names = [...new Set(measured.flatMap((one) => Object.keys(one)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = measured.map((one) => one[name]).filter((value) => value !== undefined);
      return [name, { median: quantile(values, 0.5), low: quantile(values, 0), high: quantile(values, 1) }];
    }),
  );
}

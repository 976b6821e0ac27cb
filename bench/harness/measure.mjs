import { quantile } from './statistics.mjs';

/**
 * Measures every row of a scenario as often as asked, in turn, and then counts statements, WAL and buffers of each once, in a run that is
 * not timed. A row that fails says so and is not tried again; the others go on.
 *
 * A scenario has `name`, `title`, `key` (the figure ratios are taken of), `repeats`, and `rows({ size, others })`: a list of
 * `{ name, kind, measure(server) }`; `size(quick, usual, long)` chooses by profile. `counted: false` leaves the
 * counting out, `countedAt` is the profile it is done at, the quick one unless given.
 */
export async function measureScenario(server, scenario, { profile, repeats, only, others, progress }) {
  const rowsOf = (wanted) =>
    scenario
      .rows({ others, quick: wanted === 'quick', size: sizeBy(wanted) })
      .filter(({ name }) => only === undefined || only.test(name));
  const rows = rowsOf(profile).map((row) => ({ ...row, measured: [], counts: [] }));
  const rounds = repeats ?? (profile === 'quick' ? 1 : scenario.repeats);
  for (let round = 1; round <= rounds; round += 1) {
    // Turned round each time: whoever runs first or after whom must not make a difference.
    await measureRound(server, scenario, round % 2 === 1 ? rows : rows.toReversed(), (row) => {
      progress(`${round}/${rounds} ${row.name}`);
      return row.measured;
    });
  }
  if (scenario.counted !== false)
    await countRound(server, scenario, rows, rowsOf(scenario.countedAt ?? 'quick'), progress);
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
      round.set(row.name, await row.measure(server));
      list.push(round.get(row.name));
    } catch (error) {
      row.error = String(error.message).split('\n', 1)[0];
      console.error(error);
    }
  }
  scenario.complete?.(round);
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

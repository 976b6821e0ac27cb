// What is to be reached, as ratios within one run wherever there is something to compare with.
// `value` is given the results by scenario and answers `undefined` where what it needs was not measured.

/** The median of a figure in the row of a scenario. */
function figure(results, scenario, row, name) {
  return results.get(scenario)?.rows.find((one) => one.name === row)?.figures[name]?.median;
}

const ratio = (scenario, name, own, other) => (results) =>
  divide(figure(results, scenario, own, name), figure(results, scenario, other, name));

function divide(value, other) {
  return value === undefined || other === undefined ? undefined : value / other;
}

const ADDED = 'CPU ms added';
const EACH = 'CPU ms/job';

export const goals = [
  {
    what: 'emit, one receiver: CPU added, × the raw prepared insert of two rows',
    atMost: 1.4,
    value: ratio('emit', ADDED, 'nestjs-jobs, 1 receiver', "raw pg in TypeORM's transaction, 1 receiver"),
  },
  {
    what: 'emit, one receiver: cheaper than pg-boss, ×',
    atLeast: 6,
    value: ratio('emit', ADDED, 'pg-boss, 1 receiver', 'nestjs-jobs, 1 receiver'),
  },
  {
    what: 'emit, one receiver: cheaper than graphile-worker, ×',
    atLeast: 6,
    value: ratio('emit', ADDED, 'graphile-worker, 1 receiver', 'nestjs-jobs, 1 receiver'),
  },
  {
    what: 'emit, ten receivers: CPU added, × of that with one',
    atMost: 2,
    value: ratio('emit', ADDED, 'nestjs-jobs, 10 receivers', 'nestjs-jobs, 1 receiver'),
  },
  {
    what: 'drain, no-op: CPU, × the raw batched floor',
    atMost: 1.3,
    value: ratio('drain', EACH, 'nestjs-jobs', 'raw pg'),
  },
  {
    what: 'drain, no-op: CPU, × graphile-worker tuned',
    atMost: 1,
    value: ratio('drain', EACH, 'nestjs-jobs', 'graphile-worker, tuned'),
  },
  {
    what: 'drain, no-op: cheaper than graphile-worker at its defaults, ×',
    atLeast: 10,
    value: ratio('drain', EACH, 'graphile-worker', 'nestjs-jobs'),
  },
];

// What is to be reached, as ratios within one run wherever there is something to compare with.
// `value` is given the results by scenario and answers `undefined` where what it needs was not measured.

/** The median of a figure in the row of a scenario. */
function figure(results, scenario, row, name) {
  return results.get(scenario)?.rows.find((one) => one.name === row)?.figures[name]?.median;
}

const ratio = (scenario, name, own, other) => (results) =>
  divide(figure(results, scenario, own, name), figure(results, scenario, other, name));

const own = (scenario, row, name) => (results) => figure(results, scenario, row, name);

function divide(value, other) {
  return value === undefined || other === undefined ? undefined : value / other;
}

const ADDED = 'CPU ms added';
const EACH = 'CPU ms/job';
const LAST = 'CPU ms/job, last quarter';

function horizonGoals(scenario, what, holder) {
  return [
    {
      what: `${what}: last quarter, × the first`,
      atLeast: 0.95,
      value: own(scenario, `nestjs-jobs, ${holder}`, 'last/first'),
    },
    {
      what: `${what}: cheaper than the best peer at the end, ×`,
      atLeast: 4,
      value: (results) => {
        const at = (system) => figure(results, scenario, `${system}, ${holder}`, LAST);
        const peers = ['graphile-worker, tuned', 'pg-boss, tuned'].map(at).filter((cost) => cost !== undefined);
        return peers.length === 0 ? undefined : divide(Math.min(...peers), at('nestjs-jobs'));
      },
    },
  ];
}

export const goals = [
  {
    what: 'emit, one receiver: CPU added, ms',
    atMost: 0.15,
    value: own('emit', 'nestjs-jobs, 1 receiver', ADDED),
  },
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
    what: 'drain, no-op: CPU, ms a delivery',
    atMost: 0.04,
    value: own('drain', 'nestjs-jobs', EACH),
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
  {
    what: 'transactional receivers: rate, × the same by hand with pg',
    atLeast: 0.5,
    value: ratio('drain-transactional', 'jobs/s', 'nestjs-jobs, transactional', 'raw pg, transactional'),
  },
  {
    what: 'transactional receivers that share a commit: rate, × by hand with a commit each',
    atLeast: 5,
    value: ratio('drain-transactional', 'jobs/s', 'nestjs-jobs, group commit', 'raw pg, transactional'),
  },
  {
    what: 'latency, idle, in process: p50, ms',
    atMost: 1.5,
    value: own('latency', 'nestjs-jobs, one process', 'p50'),
  },
  {
    what: 'latency, idle, across processes: p50, ms',
    atMost: 8,
    value: own('latency', 'nestjs-jobs, two processes', 'p50'),
  },
  {
    what: 'latency, idle, in process: p50, × the floor, across processes',
    atMost: 1.2,
    value: ratio('latency', 'p50', 'nestjs-jobs, one process', 'raw pg, notify, two processes'),
  },
  {
    what: "latency, idle, across processes: p50, × pg-boss's",
    atMost: 0.5,
    value: ratio('latency', 'p50', 'nestjs-jobs, two processes', 'pg-boss, notify, two processes'),
  },
  {
    what: 'steady load at half of capacity: p99, ms',
    atMost: 20,
    value: own('steady', 'nestjs-jobs', 'p99'),
  },
  ...['a reader', 'an idle writer'].flatMap((holder) => [
    ...horizonGoals('horizon', `horizon held by ${holder}`, holder),
    ...horizonGoals('horizon-held-long', `horizon held by ${holder} for ten minutes`, holder),
  ]),
  ...['a million waiting for another receiver', 'a million waiting for the same receiver', 'a million delayed'].flatMap(
    (surroundings) =>
      [EACH, 'claim buffers/job'].map((name) => ({
        what: `beside ${surroundings}: ${name}, × beside an empty table`,
        atMost: 1.1,
        value: ratio('crowd', name, `nestjs-jobs, ${surroundings}`, 'nestjs-jobs, an empty table'),
      })),
  ),
  {
    what: 'idle worker: statements a second, the beat included',
    atMost: 1.5,
    value: own('idle', 'nestjs-jobs', 'statements/s'),
  },
  {
    what: 'idle worker: statements a second beside the beat',
    atMost: 0.5,
    value: (results) => {
      const of = (name) => figure(results, 'idle', 'nestjs-jobs', name);
      return of('statements/s') === undefined ? undefined : of('statements/s') - of('of it beats');
    },
  },
  {
    what: 'idle worker: transactions left open',
    atMost: 0,
    value: own('idle', 'nestjs-jobs', 'transactions left open'),
  },
  {
    what: 'idle workers, several: statements of each, × of one alone',
    atMost: 1.1,
    value: ratio('idle', 'statements/s', 'nestjs-jobs, several processes', 'nestjs-jobs'),
  },
  {
    what: 'memory of a worker under drain, MB',
    atMost: 120,
    value: own('drain', 'nestjs-jobs', 'RSS MB'),
  },
  {
    what: 'memory of a worker under drain, with a small heap, MB',
    atMost: 150,
    value: own('drain', 'nestjs-jobs, small heap', 'RSS MB'),
  },
  {
    what: 'memory of an idle worker, MB',
    atMost: 150,
    value: own('idle', 'nestjs-jobs', 'RSS MB'),
  },
  {
    what: 'memory of a worker that goes on: last quarter, × the second',
    atMost: 1.1,
    value: (results) =>
      divide(
        figure(results, 'endurance', 'nestjs-jobs', 'RSS MB, last quarter'),
        figure(results, 'endurance', 'nestjs-jobs', 'RSS MB, second quarter'),
      ),
  },
];

// What PERFORMANCE.md shows of each scenario: the columns of its table, and the figure of its chart, if it has one. Everything else that
// was measured is in the summary.
const COUNTS = (piece) => [`statements/${piece}`, `WAL bytes/${piece}`, `buffers/${piece}`];

export const shown = {
  emit: { columns: ['CPU ms added', 'CPU ms/tx', 'tx/s', ...COUNTS('tx')], chart: 'CPU ms added' },
  drain: {
    columns: ['CPU ms/job', 'of it worker', 'jobs/s', 'RSS MB', 'disk MB', ...COUNTS('job')],
    chart: 'CPU ms/job',
  },
  latency: { columns: ['p50', 'p95', 'p99'], chart: 'p50' },
  steady: { columns: ['jobs/s', 'p50', 'p99', 'p99.9', 'CPU ms/job'], chart: 'p99' },
  horizon: {
    columns: ['CPU ms/job, first quarter', 'CPU ms/job, last quarter', 'last/first', 'passed', 'disk MB'],
    chart: 'CPU ms/job, last quarter',
  },
  'horizon-held-long': {
    columns: ['CPU ms/job, first quarter', 'CPU ms/job, last quarter', 'last/first', 'passed', 'minutes', 'disk MB'],
    chart: 'CPU ms/job, last quarter',
  },
  crowd: { columns: ['CPU ms/job', 'jobs/s', 'claim buffers/job', ...COUNTS('job')] },
  enqueue: { columns: ['CPU ms/job', 'jobs/s', ...COUNTS('job')] },
  'enqueue-bulk': { columns: ['CPU ms/job', 'jobs/s', ...COUNTS('job')] },
  'drain-work': { columns: ['CPU ms/job', 'jobs/s', ...COUNTS('job')] },
  'drain-two': { columns: ['CPU ms/job', 'jobs/s', 'least share', ...COUNTS('job')] },
  jobs: { columns: ['CPU ms/call', 'calls/s', ...COUNTS('call')] },
};

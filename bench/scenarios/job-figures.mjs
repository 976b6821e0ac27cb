// Lists, counts and figures of jobs in a table as large as years make it.
import { fillJobs } from '../harness/many-jobs.mjs';
import { metered } from '../harness/meter.mjs';
import { onStage } from '../harness/stage.mjs';
import { jobDesk } from '../systems/index.mjs';

const QUESTIONS = {
  'a page of what is open, newest': ['list', { status: 'pending' }, { limit: 50 }],
  "a page of somebody's, most urgent": ['list', { status: 'pending', assignee: 'user:17' }, { sort: 'priority' }],
  'a page of what is mine, pools too': [
    'list',
    { status: 'pending', mine: { id: 'user:17', roles: ['role:support'] } },
  ],
  'a page of closed jobs of a type': ['list', { status: ['completed', 'cancelled'], types: 'type.common' }],
  'a capped count': ['count', { status: 'pending', types: 'type.common' }, { limit: 1_000 }],
  'what is pending, and for how long': ['insight', 'pending'],
  'the funnel of a plan': ['insight', 'funnel', 'onboarding'],
  'the stalled': ['insight', 'stalled', { olderThan: '1d' }],
  'the work load': ['insight', 'workload'],
};

export const jobFigures = {
  name: 'job-figures',
  title: 'a question',
  key: 'ms',
  repeats: 1,
  counted: false,
  rows({ size }) {
    const numbers = { open: size(10_000, 100_000, 1_000_000), closed: size(50_000, 1_000_000, 10_000_000) };
    const answers = new Map();
    const asked = size(3, 20, 100);
    return Object.entries(QUESTIONS).map(([name], index) => ({
      name: `${name} (${numbers.open.toLocaleString('en')} open, ${numbers.closed.toLocaleString('en')} closed)`,
      kind: 'ours',
      measure: async (server) => {
        // The table takes long to fill, so all are asked of one.
        if (index === 0) for (const [key, value] of await ask(server, numbers, asked)) answers.set(key, value);
        return answers.get(name);
      },
    }));
  },
};

async function ask(server, numbers, asked) {
  const answers = new Map();
  await onStage(server, jobDesk, async ({ url, database, desk: start }) => {
    const desk = await start();
    await desk.call('open', url);
    await fillJobs(database, numbers);
    for (const [name, [method, ...values]] of Object.entries(QUESTIONS)) {
      const call = (times) =>
        desk.call(...(method === 'insight' ? [method, times, ...values] : [method, times, values[0], values[1] ?? {}]));
      await call(1);
      const run = await metered(server, [desk], () => call(asked));
      answers.set(name, { ms: run.elapsed / asked, 'CPU ms': run.cpu / asked, foreign: run.foreign });
    }
  });
  return answers;
}

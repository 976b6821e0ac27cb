// What people's jobs cost: asking for them, completing them, taking the next one, and letting time pass, with others around.
import { metered } from '../harness/meter.mjs';
import { assertCount, onStage } from '../harness/stage.mjs';
import { fillJobs } from '../harness/many-jobs.mjs';
import { jobDesk } from '../systems/index.mjs';

const CALLS = [
  ['request', 'request'],
  ['request again', 'requestAgain'],
  ['claimNext', 'claimNext'],
  ['complete', 'complete'],
];

/** Beside a table that is empty, and one that is not. */
export const jobs = {
  name: 'jobs',
  title: 'a call, each a transaction',
  key: 'CPU ms/call',
  repeats: 1,
  counted: 'throughout',
  rows({ size }) {
    const plan = { calls: size(100, 1_000, 5_000), open: size(10_000, 100_000, 1_000_000) };
    return [0, plan.open].flatMap((open) => [
      ...CALLS.map(([name, method]) =>
        row(`${name}, ${around(open)}`, open, (desk) => called(desk, method, plan.calls)),
      ),
      row(`expiry in a sweep, a job, ${around(open)}`, open, (desk, stage) => expired(desk, stage, plan.calls)),
    ]);
  },
};

function around(open) {
  return open === 0 ? 'no other' : 'among many';
}

function row(name, open, run) {
  return {
    name,
    kind: 'ours',
    measure: (server) =>
      onStage(server, jobDesk, async (stage) => {
        const desk = await stage.desk();
        await desk.call('open', stage.url);
        if (open > 0) await fillJobs(stage.database, { open, closed: open });
        const { work, count } = await run(desk, stage);
        await stage.database.settle();
        const measured = await metered(server, [desk], work);
        return {
          'CPU ms/call': measured.cpu / count,
          'of it client': measured.clients / count,
          'calls/s': (count / measured.elapsed) * 1000,
          foreign: measured.foreign,
          ...measured.counted(count, 'call'),
        };
      }),
  };
}

async function called(desk, method, count) {
  await desk.call('request', Math.ceil(count / 2));
  if (method !== 'request') {
    await desk.call('request', count);
    if (method === 'claimNext') await desk.call(method, Math.ceil(count / 4));
  }
  return { count, work: () => desk.call(method, count) };
}

async function expired(desk, { database }, count) {
  await desk.call('request', count);
  await database.query(`update jobs_job set expires_at = now() - interval '1 second' where type = 'payment.refund'`);
  return { count, work: async () => assertCount('expired', await desk.call('expire'), count) };
}

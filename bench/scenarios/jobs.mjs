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
        const { work, count, expected } = await run(desk, stage);
        await stage.database.settle();
        const measured = await metered(server, [desk], work);
        const [counts] = await stage.database.query(COUNTS);
        for (const [what, number] of Object.entries(expected)) assertCount(what, counts[what], number);
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
  const warm = Math.ceil(count / 2);
  await desk.call('request', warm);
  if (method !== 'request') await desk.call('request', count);
  const claimed = Math.ceil(count / 4);
  if (method === 'claimNext') await desk.call(method, claimed);
  const all = warm + count;
  return {
    count,
    work: () => desk.call(method, count),
    expected: {
      jobs: all,
      // Twice is once, and is counted.
      requests: method === 'requestAgain' ? all + count : all,
      claimed: method === 'claimNext' ? claimed + count : 0,
      completed: method === 'complete' ? count : 0,
    },
  };
}

async function expired(desk, { database }, count) {
  await desk.call('request', count);
  await database.query(`update jobs_job set expires_at = now() - interval '1 second' where type = 'payment.refund'`);
  return { count, work: () => desk.call('expire'), expected: { jobs: count, expired: count } };
}

/** What was asked for, and what became of it; claimed are others, too. */
const COUNTS = `
select count(*) filter (where bench)::int as jobs, sum(request_count) filter (where bench)::int as requests,
  count(*) filter (where claimed_by = 'user:bench')::int as claimed,
  count(*) filter (where bench and status = 'completed')::int as completed,
  count(*) filter (where bench and close_reason = 'expired')::int as expired
from (select *, type = 'payment.refund' as bench from jobs_job) job`;

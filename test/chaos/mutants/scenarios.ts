import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import type { Battlefield } from '../nemesis/battlefield.js';
import { Deploy } from '../nemesis/faults/deploy.fault.js';
import { CutConnections } from '../nemesis/faults/cut-connections.fault.js';
import { Freeze } from '../nemesis/faults/freeze.fault.js';
import { Kill } from '../nemesis/faults/kill.fault.js';
import { LoseAnswers } from '../nemesis/faults/lose-answers.fault.js';
import { RestartServer } from '../nemesis/faults/restart-server.fault.js';
import { Dice } from '../dice.js';
import type { Member } from '../processes/member.js';
import type { Scenario } from './scenario.js';

const dice = new Dice(1);

function worker(field: Battlefield, index: number): Member {
  const member = field.fleet.workers[index];
  if (member === undefined) throw new Error(`There is no worker ${index}.`);
  return member;
}

/** Waits until a question to the database is answered by a row. */
async function seen(field: Battlefield, what: string, sql: string, values: unknown[] = []): Promise<void> {
  const client = await field.connect();
  try {
    await eventually(what, async () => ((await client.query(sql, values)).rowCount ?? 0) > 0);
  } finally {
    await client.end();
  }
}

/** Claims of a process at this moment. */
const HELD = `select from jobs_delivery d join jobs_worker w on w.id = d.worker where w.pid = $1`;

/** Runs of a process that have begun and obey when they are told to stop. */
const MAIL_RUNS = `${HELD} and d.claimed_at < clock_timestamp() - interval '300 milliseconds'
  and d.receiver in (select id from jobs_receiver where name in ('mail', 'post'))`;

const holds = (field: Battlefield, member: Member): Promise<void> =>
  seen(field, `${member.process} to hold something`, HELD, [member.child?.pid]);

/** Nothing goes wrong but what receivers and transactions do by themselves: failures, rollbacks, delays, late commits. */
export const nothingWrong: Scenario = {
  name: 'nothing goes wrong',
  settings: { workers: 1 },
  script: () => sleep(3_000),
};

/** Jobs that are requested, completed and expire. */
export const jobsOnly: Scenario = {
  name: 'jobs are done or expire',
  settings: { workers: 1, workloads: ['visits'] },
  script: () => sleep(4_000),
};

/** A worker is killed in the middle of runs. */
export const killedInTheMiddle: Scenario = {
  name: 'a worker is killed in the middle of runs',
  settings: { workloads: ['slow-orders'], rate: 6 },
  async script(field, nemesis) {
    await holds(field, worker(field, 0));
    await sleep(500);
    const heal = await nemesis.strike(new Kill(field, dice, worker(field, 0)));
    await seen(field, 'a declaration', `select from chaos_end where state = 'dead'`);
    await heal();
    await sleep(1_000);
  },
};

/** A worker is killed in the middle of runs, and nobody waits until that is noticed. */
export const killedForGood: Scenario = {
  name: 'a worker is killed in the middle of runs, and peace comes at once',
  settings: { workloads: ['slow-orders'], rate: 6 },
  async script(field, nemesis) {
    await holds(field, worker(field, 0));
    await sleep(500);
    await nemesis.strike(new Kill(field, dice, worker(field, 0)));
  },
};

/** A frozen worker is overtaken, and wakes while its successor is at what it was at. */
export const overtaken: Scenario = {
  name: 'a frozen worker is overtaken and wakes',
  settings: { workloads: ['slow-orders'], rate: 8 },
  async script(field, nemesis) {
    const victim = worker(field, 0);
    await holds(field, victim);
    await sleep(800);
    const wake = await nemesis.strike(new Freeze(field, dice, victim));
    await field.execute('select pg_terminate_backend(backend_pid) from jobs_worker where pid = $1', [
      victim.child?.pid,
    ]);
    await seen(
      field,
      'what it held to run elsewhere',
      `select from chaos_end e join chaos_step s on s.worker = e.worker and s.what = 'free' join chaos_step t using (event_id, receiver)
       where e.state = 'dead' and t.id > s.id and t.what = 'claim' and clock_timestamp() > t.at + interval '300 milliseconds'`,
    );
    await wake();
    await sleep(3_000);
  },
};

/** Workers are told to stop in the middle of runs. */
export const stoppedInTheMiddle: Scenario = {
  name: 'workers are told to stop in the middle of runs',
  settings: { workloads: ['slow-orders'], rate: 6 },
  async script(field, nemesis) {
    await seen(field, 'a run that stops when it is told to', MAIL_RUNS, [worker(field, 0).child?.pid]);
    await nemesis.strike(new Deploy(field, dice, worker(field, 0)));
    await sleep(500);
  },
};

/** After a restart of the server one worker takes its time to come back. */
export const slowToReturn: Scenario = {
  name: 'after a restart of the server a worker takes its time to come back',
  settings: {
    workloads: ['slow-orders'],
    rate: 4,
    // It comes back within 18 seconds, which is well before anybody may give it up.
    timings: { beat: 300, restartGrace: 30_000 },
    timingsOf: { 'worker-1': { retry: 12_000 } },
  },
  async script(field, nemesis) {
    await holds(field, worker(field, 0));
    await nemesis.strike(new RestartServer(field, dice));
    await seen(
      field,
      'the worker to be back, or given up',
      `select from jobs_worker where pid = $1 and (proof > 1 or state = 'dead')`,
      [worker(field, 0).child?.pid],
    );
    await sleep(500);
  },
};

/** The answer to a claim gets lost, and the connection stays. */
export const lostClaim: Scenario = {
  name: 'the answer to a claim gets lost',
  settings: { workers: 1 },
  async script(field, nemesis) {
    await holds(field, worker(field, 0));
    for (let time = 0; time < 3; time += 1) {
      const heal = await nemesis.strike(new LoseAnswers(field, dice, worker(field, 0), 'jobs_claim_'));
      await sleep(1_500);
      await heal();
    }
    await sleep(1_000);
  },
};

/** Nothing reaches the server for a while, in which runs end. */
export const cutOff: Scenario = {
  name: 'a worker is cut off while its runs end',
  settings: { rate: 30 },
  async script(field, nemesis) {
    for (let time = 0; time < 4; time += 1) {
      await holds(field, worker(field, 0));
      // Short enough for others to leave it its work.
      const heal = await nemesis.strike(new CutConnections(field, dice, worker(field, 0)));
      await sleep(700);
      await heal();
      await sleep(1_000);
    }
  },
};

export const scenarios: readonly Scenario[] = [
  nothingWrong,
  jobsOnly,
  killedInTheMiddle,
  killedForGood,
  overtaken,
  stoppedInTheMiddle,
  slowToReturn,
  lostClaim,
  cutOff,
];

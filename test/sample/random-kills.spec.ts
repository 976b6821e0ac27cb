import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from '../support/eventually.js';
import { CREATE_EFFECTS, EffectsModule } from './support/effects.module.js';
import { Fleet } from './support/fleet.js';
import { SampleApplication } from './support/sample-application.js';
import { seededRandom } from './support/seeded-random.js';

/** Set for the long form, which `npm run test:crash` is: then the time is as long as it takes. */
const killsWanted = Number(process.env['KILLS'] ?? 60);
const timeLimit = process.env['KILLS'] === undefined ? 25_000 : Infinity;
const seed = Number(process.env['SEED'] ?? 20_260_101);

/** How long processes live once they are up, at most, in milliseconds; and the share of those that do not even get that far. */
const LONGEST_LIFE = { worker: 700, sender: 3_000 };
const KILLED_WHILE_STARTING = 0.15;
/**
 * One of the workers is spared for so long at a time: a worker takes nobody for dead before it has run for ten seconds, and without one
 * that may, nobody would take over while the others are killed.
 */
const SPARED_FOR = 18_000;
/** On a machine that has much else to do the time may be over before anything has happened. */
const FEWEST_KILLS = 10;
const DRAINED_WITHIN = 120_000;
const WORKERS = 3;
const SENDER = WORKERS;

jest.setTimeout(timeLimit === Infinity ? 3_600_000 : 180_000);

describe('R8: processes killed at random over a stream of payments', () => {
  let sample: SampleApplication;
  let fleet: Fleet;
  let began = 0;
  let kills = 0;

  beforeAll(async () => {
    sample = await SampleApplication.start({ worker: false, imports: [EffectsModule] });
    await sample.query(CREATE_EFFECTS);
    const random = seededRandom(seed + 1);
    sample.rates.status = () => (random() < 0.05 ? 500 : 200);
    const worker = { worker: true, stream: false };
    fleet = new Fleet([...Array.from({ length: WORKERS }, () => worker), { worker: false, stream: true }], {
      databaseUrl: sample.database.url,
      ratesUrl: sample.rates.url,
    });
  });
  afterAll(async () => {
    await fleet.killAll();
    await sample.close();
  });

  /** Starts a process again and again, and kills it each time, until there were enough kills. */
  async function killAgainAndAgain(index: number, goesOn: () => boolean): Promise<void> {
    const random = seededRandom(seed + index);
    while (goesOn()) {
      fleet.start(index);
      if (random() >= KILLED_WHILE_STARTING) await fleet.ready(index);
      await sleep(random() * (index === SENDER ? LONGEST_LIFE.sender : LONGEST_LIFE.worker));
      while (isSpared(index) && goesOn()) await sleep(LONGEST_LIFE.worker);
      if (!goesOn()) return;
      kills += 1;
      await fleet.kill(index);
    }
    fleet.start(index);
  }

  function isSpared(index: number): boolean {
    return index === Math.floor((performance.now() - began) / SPARED_FOR) % WORKERS;
  }

  it(`leaves nothing undone and does nothing twice (seed ${seed})`, async () => {
    began = performance.now();
    const goesOn = () => kills < FEWEST_KILLS || (kills < killsWanted && performance.now() - began < timeLimit);
    await Promise.all(Array.from({ length: fleet.size }, (_none, index) => killAgainAndAgain(index, goesOn)));
    await fleet.kill(SENDER);
    await eventually('an empty jobs_delivery', async () => (await sample.count('jobs_delivery')) === 0, DRAINED_WITHIN);
    await eventually('a worker declared dead', async () => (await sample.count('jobs_worker', `state = 'dead'`)) > 0);
    await fleet.killAll();

    const ended = await sample.count('payment', `status <> 'initiated'`);
    const deaths = await sample.count('jobs_worker', `state = 'dead'`);
    console.log(
      `${kills} kills, ${ended} payments, ${deaths} workers declared dead, ${sample.rates.calls} calls of the service`,
    );

    expect(fleet.failures).toEqual([]);
    expect(ended).toBeGreaterThan(0);

    // No payment that has ended has an order that waits, and no order contradicts its payment.
    expect(
      await sample.query(
        `select o.id from orders o join payment p on p.id = o.payment_id
         where (p.status, o.status) not in (('initiated', 'pending_payment'), ('succeeded', 'completed'), ('failed', 'cancelled'))`,
      ),
    ).toEqual([]);
    // One event for each payment that has ended, and none for others.
    expect(
      await sample.query(
        `select p.id from payment p left join jobs_event e on e.payload ->> 'paymentId' = p.id::text
         group by p.id having count(e.id) <> (p.status <> 'initiated')::int`,
      ),
    ).toEqual([]);
    // Each effect once for each event.
    expect(
      await sample.query('select delivery_id, count(*) from effect group by delivery_id having count(*) <> 1'),
    ).toEqual([]);
    expect(
      await sample.query('select receiver, count(*)::int4 from effect group by receiver order by receiver'),
    ).toEqual([
      { receiver: 'test.effect', count: ended },
      { receiver: 'test.late-effect', count: ended },
    ]);
    const succeeded = await sample.count('payment', `status = 'succeeded'`);
    const { body: metrics } = await sample.http('get', '/analytics');
    expect([metrics['payments.succeeded'] ?? 0, metrics['payments.failed'] ?? 0]).toEqual([
      succeeded,
      ended - succeeded,
    ]);
    expect(await sample.query('select reason from jobs_dead_letter')).toEqual([]);
  });
});

import { Asked, ReceivingProcess } from '../support/receiving-process.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const MAX_INTERRUPTIONS = 3;
const INNOCENTS = 5;

describe('A delivery that kills its process', () => {
  const worker = { maxInterruptions: MAX_INTERRUPTIONS };
  const ends: unknown[] = [];
  let database: TestDatabase;
  /** Contains no receiver, and so only notices who died. */
  let observer: TestApplication;
  let child: ReceivingProcess | undefined;

  beforeAll(async () => {
    database = await TestDatabase.create();
    observer = await TestApplication.start(database, { jobs: { worker } });
    const first = await ReceivingProcess.start({ url: database.url, worker });
    first.kill('SIGTERM');
    await first.ended;
    await observer.events.emitMany([
      ...Array.from({ length: INNOCENTS }, (_, number) => new Asked('innocent', number)),
      new Asked('poison'),
    ]);
    while ((await observer.count('jobs_delivery')) > 0) {
      child = await ReceivingProcess.start({ url: database.url, worker });
      const drained = observer.drained().then(() => 'drained');
      const end = await Promise.race([child.ended, drained]);
      if (end === 'drained') child.kill('SIGKILL');
      else ends.push(end);
    }
  }, 90_000);
  afterAll(async () => {
    child?.kill('SIGKILL');
    await observer.close();
    await database.drop();
  });

  it('ends as a dead letter after so many interruptions, none of which counts as a failure', async () => {
    const letters = await observer.dataSource.query<unknown[]>(
      `select d.kind, d.reason, d.attempts, d.interruptions, e.payload ->> 'script' as script
       from jobs_dead_letter d join jobs_event e on e.id = d.event_id`,
    );

    expect(letters).toEqual([
      { kind: 'dead', reason: 'interrupted 3 times', attempts: 0, interruptions: 3, script: 'poison' },
    ]);
  });

  it('takes no more processes with it than that', () => {
    expect(ends).toEqual(Array<string>(MAX_INTERRUPTIONS).fill('SIGKILL'));
  });

  it('takes none of the deliveries beside it with it', async () => {
    await until(async () => (await observer.count('jobs_delivery')) === 0);

    expect(
      await observer.count(
        'jobs_dead_letter',
        `event_id in (select id from jobs_event where payload ->> 'script' = 'innocent')`,
      ),
    ).toBe(0);
  });
});

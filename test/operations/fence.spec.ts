import { Injectable } from '@nestjs/common';
import { PostgresDeliveryStore } from '../../lib/engine/deliveries/postgres-delivery-store.js';
import { EngineDatabase } from '../../lib/engine/database/engine-database.js';
import { tableNames } from '../../lib/engine/schema/table-names.js';
import type { Outcome } from '../../lib/engine/deliveries/outcome.js';
import { type DeliveryContext, NonRetryableError, OnReliableEvent, ReliableEvent } from '../../lib/index.js';
import { Signal } from '../support/signal.js';
import { until } from '../support/until.js';
import { OperatedApplication } from './support/operated-application.js';

@ReliableEvent('work.asked')
class WorkAsked {
  constructor(readonly script: 'wait' | 'die' | 'fail' | 'succeed' | 'anything') {}
}

const ME = { actor: 'me' } as const;

@Injectable()
class Receiver {
  readonly runs: string[] = [];
  readonly overlaps: string[] = [];
  release = new Signal();
  private readonly running = new Set<string>();
  private turn = 0;

  @OnReliableEvent(WorkAsked, { id: 'work', retry: { attempts: 3, backoff: 'fixed', delay: '1h', jitter: 0 } })
  async work({ script }: WorkAsked, { eventId }: DeliveryContext): Promise<void> {
    const run = String(eventId);
    if (this.running.has(run)) this.overlaps.push(run);
    this.running.add(run);
    this.runs.push(run);
    try {
      await this.play(script);
    } finally {
      this.running.delete(run);
    }
  }

  private async play(script: WorkAsked['script']): Promise<void> {
    if (script === 'wait') await this.release.given;
    if (script === 'die') throw new NonRetryableError('never');
    if (script === 'fail') throw new Error('not yet');
    if (script !== 'anything') return;
    this.turn += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.turn % 5 === 0) throw new NonRetryableError('never');
    if (this.turn % 2 === 0) throw new Error('not yet');
  }
}

describe('Actions beside workers', () => {
  let app: OperatedApplication;
  let receiver: Receiver;

  beforeAll(async () => {
    // What is made ready must be heard of, not found by polling.
    app = await OperatedApplication.start([Receiver], { worker: { pollInterval: '1h' } });
    receiver = app.application.context.get(Receiver);
  });
  afterAll(async () => {
    receiver.release.give();
    await app.close();
  });
  beforeEach(async () => {
    await app.clear();
    receiver.release = new Signal();
    receiver.runs.length = 0;
    receiver.overlaps.length = 0;
  });

  const ask = async (script: WorkAsked['script']): Promise<{ eventId: string; id: string }> => {
    const { id: eventId } = await app.events.emit(new WorkAsked(script));
    return { eventId, id: `${eventId}.${await app.numberOf('work')}` };
  };
  const runsOf = (id: string): number => receiver.runs.filter((eventId) => id.startsWith(`${eventId}.`)).length;
  const settled = (condition = 'true'): Promise<void> =>
    until(async () => (await app.application.count('jobs_delivery', `worker is not null or ${condition}`)) === 0);

  it('leave a delivery to its receiver while that runs', async () => {
    const { id, eventId } = await ask('wait');
    await until(() => runsOf(id) === 1);
    const changes = await Promise.all([
      app.deliveries.retry(id, ME),
      app.deliveries.reschedule(id, new Date(), ME),
      app.deliveries.discard(id, { ...ME, reason: 'no' }),
    ]);
    const replayed = await app.log.replay(eventId, ME);
    const listed = await app.deliveries.list({ state: 'running', receiver: 'work' });
    receiver.release.give();
    await settled();
    expect([changes.map(({ busy }) => busy), replayed.open, listed.items.map((item) => item.id), runsOf(id)]).toEqual([
      [[id], [id], [id]],
      [id],
      [id],
      1,
    ]);
  });

  it('wake a worker for what they made ready', async () => {
    const { id } = await ask('fail');
    await settled('attempts <> 1');
    await app.deliveries.retry(id, ME);
    await until(() => runsOf(id) === 2);
    await settled('attempts <> 2');
    expect((await app.deliveries.find(id))?.failures.length).toBe(2);
  });

  it('let a redriven dead letter have all its attempts again', async () => {
    const { id } = await ask('die');
    await settled();
    const { items } = await app.deadLetters.list();
    await app.deadLetters.redrive(items[0]!.id, ME);
    await until(() => runsOf(id) === 2);
    await settled();
    const [again] = (await app.deadLetters.list()).items;
    expect([again, (await app.deadLetters.find(again!.id))?.failures.length]).toEqual([
      expect.objectContaining({ deliveryId: id, attempts: 1, reason: 'not retryable: never' }),
      2,
    ]);
  });

  it('let a replayed event be handled again, and be done', async () => {
    const { id, eventId } = await ask('succeed');
    await settled();
    await app.log.replay(eventId, ME);
    await until(() => runsOf(id) === 2);
    await settled();
    expect((await app.log.status(eventId))?.receivers).toMatchObject([{ state: 'delivered' }]);
  });

  describe('give whoever still holds an old claim nothing to change', () => {
    const names = tableNames();

    /** A delivery as a worker holds it that is taken for dead. */
    async function heldByNobody(eventId: string): Promise<Parameters<PostgresDeliveryStore['acknowledge']>[1][number]> {
      const [row] = await app.rows<{ receiver: number; claims: number }>(
        `insert into jobs_delivery (event_id, receiver, worker, claims, ready_xid) values ($1, 999, 1, 3, 1) returning receiver, claims`,
        [eventId],
      );
      return {
        eventId,
        receiver: row!.receiver,
        claims: row!.claims,
        version: 1,
        priority: 4,
        readyXid: '1',
        attempts: 0,
        interruptions: 0,
      };
    }
    const snapshot = async (): Promise<string> =>
      JSON.stringify(
        await app.rows(
          'select to_jsonb(d) as row from jobs_delivery d union all select to_jsonb(l) from jobs_dead_letter l',
        ),
      );

    const outcomes: readonly Outcome[] = [
      { kind: 'acknowledged' },
      { kind: 'dead', reason: 'written twice', failure: null },
      { kind: 'discarded', reason: 'written twice' },
      { kind: 'postponed', delay: 0, failure: null },
      { kind: 'interrupted', failure: null },
    ];
    it.each(
      outcomes.flatMap((late) => (['redriven', 'replayed'] as const).map((way) => [late.kind, way, late] as const)),
    )('when it is %s late to what was %s', async (_, way, late) => {
      const database = new EngineDatabase(app.application.dataSource);
      const store = new PostgresDeliveryStore(names, app.clock);
      const { eventId } = await ask('succeed');
      await settled();
      await app.rows(`insert into jobs_receiver (id, name) values (999, 'elsewhere') on conflict do nothing`);
      await app.rows('update jobs_event set receivers = receivers || 999 where id = $1', [eventId]);
      const claim = await heldByNobody(eventId);
      if (way === 'redriven') {
        await store.settle(database.connection, [
          { delivery: claim, outcome: { kind: 'dead', reason: 'died', failure: null } },
        ]);
        await app.deadLetters.redriveMatching({}, ME);
      } else {
        await store.acknowledge(database.connection, [claim]);
        await app.log.replay(eventId, { ...ME, receiver: 'elsewhere' });
      }
      const before = await snapshot();
      const held =
        late.kind === 'acknowledged'
          ? await store.acknowledge(database.connection, [claim])
          : await store.settle(database.connection, [{ delivery: claim, outcome: late }]);
      expect([held.size, await snapshot(), before.includes('999')]).toEqual([0, before, true]);
    });
  });

  it('of all kinds at once lose nothing, run nothing twice at a time and leave one end for each', async () => {
    const asked = await Promise.all(Array.from({ length: 150 }, () => ask('anything')));
    const ids = asked.map(({ id }) => id);
    const some = (part: number): string[] => ids.filter((_, index) => index % 7 === part);
    for (let round = 0; round < 8; round += 1) {
      await Promise.all([
        app.deliveries.retry(ids, ME),
        app.deliveries.reschedule(some(round % 7), new Date(), ME),
        app.deliveries.discard(some((round + 3) % 7).slice(0, 3), { ...ME, reason: 'chaos' }),
        app.deadLetters.redriveMatching({}, ME),
        app.log.replay(asked[round * 3]!.eventId, ME),
      ]);
    }
    await until(async () => {
      await app.deliveries.retry(ids, ME);
      return (await app.application.count('jobs_delivery')) === 0;
    });
    const [{ doubled, orphaned } = { doubled: -1, orphaned: -1 }] = await app.rows<{
      doubled: number;
      orphaned: number;
    }>(
      `select (select count(*)::int4 from (select from jobs_dead_letter where kind = 'dead' group by event_id, receiver having count(*) > 1) x) as doubled,
         (select count(*)::int4 from jobs_dead_letter l where not exists (select from jobs_event e where e.id = l.event_id)) as orphaned`,
    );
    const never = ids.filter((id) => runsOf(id) === 0).length;
    const discarded = await app.deadLetters.count({ kind: 'discarded' });
    expect({
      overlaps: receiver.overlaps,
      doubled,
      orphaned,
      unrunBeyondDiscarded: Math.max(0, never - discarded.count),
    }).toEqual({
      overlaps: [],
      doubled: 0,
      orphaned: 0,
      unrunBeyondDiscarded: 0,
    });
  });
});

import { AuditLog, type PruneOptions, Retention } from '../../lib/index.js';
import { Command, COMMANDED_MODULE } from '../command-line/support/command.js';
import { CommandedApplication } from '../command-line/support/commanded-application.js';

const DAY = 86_400_000;

describe('Retention.prune', () => {
  let application: CommandedApplication;
  let retention: Retention;

  beforeAll(async () => {
    application = await CommandedApplication.start();
    retention = application.context.get(Retention, { strict: false });
  });
  afterAll(() => application.close());
  afterEach(() => application.clear());

  /** Events that went to all three receivers, of which some deliveries are open, dead or discarded; the others are done. */
  async function recorded(
    count: number,
    { age, open = '', dead = '', discarded = '', diedAge = age }: Recorded,
  ): Promise<void> {
    await application.dataSource.query(
      `with e as (insert into jobs_event (name, payload, receivers, created_at, retain_until)
         select 'order.paid', '{}', array(select id from jobs_receiver order by id), now() - $2::float8 * interval '1 day', now() + interval '1 year'
         from generate_series(1, $1::int4) returning id),
       open as (insert into jobs_delivery (event_id, receiver) select e.id, r.id from e join jobs_receiver r on r.name = $3)
       insert into jobs_dead_letter (event_id, receiver, version, priority, claims, attempts, interruptions, kind, reason, died_at)
       select e.id, r.id, 1, 4, 1, 1, 0, case when r.name = $4 then 'dead' else 'discarded' end, 'x', now() - $6::float8 * interval '1 day'
       from e join jobs_receiver r on r.name in ($4, $5)`,
      [count, age, open, dead, discarded, diedAge],
    );
  }

  const left = async (): Promise<readonly number[]> => [
    await application.count('jobs_event'),
    await application.count('jobs_dead_letter'),
  ];
  const prune = (options: Partial<PruneOptions> = {}): ReturnType<Retention['prune']> =>
    retention.prune({ actor: 'user:1', olderThan: '14d', ...options });

  it('removes what is old enough, whatever its retention says, and leaves what is younger', async () => {
    await recorded(3, { age: 15 });
    await recorded(2, { age: 13 });
    expect(await prune()).toEqual({ events: 3, deadLetters: 0 });
    expect(await left()).toEqual([2, 0]);
  });

  it('honours 0 days', async () => {
    await recorded(2, { age: 0, dead: 'order.ship' });
    expect(await prune({ olderThan: 0 })).toEqual({ events: 2, deadLetters: 2 });
    expect(await left()).toEqual([0, 0]);
  });

  it('leaves what an open delivery, or a dead letter that stays, needs', async () => {
    await recorded(1, { age: 100, open: 'order.bill' });
    await recorded(1, { age: 100, dead: 'order.ship', diedAge: 20 });
    await recorded(1, { age: 100, discarded: 'order.ship', diedAge: 20 });
    expect(await prune({ failedOlderThan: '30d' })).toEqual({ events: 0, deadLetters: 0 });
    expect(await prune({ failedOlderThan: '19d' })).toEqual({ events: 2, deadLetters: 2 });
    expect(await left()).toEqual([1, 0]);
  });

  it('prunes dead letters of an age of their own', async () => {
    await recorded(2, { age: 20, dead: 'order.ship' });
    expect(await prune({ olderThan: '1y', failedOlderThan: '14d' })).toEqual({ events: 0, deadLetters: 2 });
    expect(await left()).toEqual([2, 0]);
  });

  it('prunes those of some receivers alone', async () => {
    await recorded(1, { age: 20, dead: 'order.ship' });
    await recorded(1, { age: 20, dead: 'order.bill' });
    expect(await prune({ receivers: ['order.ship'] })).toEqual({ events: 0, deadLetters: 1 });
    // Events that went to others, too, are theirs as well.
    expect(await prune({ receivers: ['order.*'] })).toEqual({ events: 0, deadLetters: 1 });
    expect(await prune({ receivers: ['order.*', 'analytics.count'] })).toEqual({ events: 2, deadLetters: 0 });
  });

  it('counts with a dry run what it would remove, and removes nothing', async () => {
    await recorded(2, { age: 20, dead: 'order.ship' });
    await recorded(1, { age: 20, open: 'order.ship' });
    const before = await left();
    expect(await prune({ dryRun: true })).toEqual({ events: 2, deadLetters: 2 });
    expect([await left(), await application.count('jobs_audit')]).toEqual([before, 0]);
    expect(await prune()).toEqual({ events: 2, deadLetters: 2 });
  });

  it('goes on batch by batch, each with its audit record', async () => {
    await recorded(12_000, { age: 20 });
    expect(await prune()).toEqual({ events: 12_000, deadLetters: 0 });
    const { items } = await application.context.get(AuditLog, { strict: false }).list({ actor: 'user:1' });
    expect(items.map(({ action, details }) => [action, details['count'], details['olderThan']])).toEqual([
      ['event.pruned', 2_000, 14 * DAY],
      ['event.pruned', 5_000, 14 * DAY],
      ['event.pruned', 5_000, 14 * DAY],
    ]);
  });

  it('leaves what somebody acts on at this moment', async () => {
    await recorded(2, { age: 20 });
    await application.dataSource.transaction(async (manager) => {
      await manager.query('select from jobs_event order by id limit 1 for no key update');
      expect(await prune()).toEqual({ events: 1, deadLetters: 0 });
    });
    expect(await prune()).toEqual({ events: 1, deadLetters: 0 });
  });

  it('ends between two batches when its signal says so', async () => {
    await recorded(1, { age: 20 });
    await expect(prune({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(await left()).toEqual([1, 0]);
  });

  it.each([
    [{ actor: '' }, 'option actor must be a text of 1 to 255 characters'],
    [{ olderThan: undefined as never }, 'option olderThan must be milliseconds or text'],
    [{ olderThan: -1 }, 'olderThan'],
    [{ failedOlderThan: 'long' }, 'failedOlderThan'],
    [{ receivers: 'order.ship' as never }, 'option receivers must be a list of receiver ids'],
    [{ receivers: ['order.shop'] }, 'order.shop'],
    [{ dryRun: 'yes' as never }, 'option dryRun must be true or false'],
    [{ older: 1 } as never, 'there is no option older'],
  ])('refuses %j', async (options: Partial<PruneOptions>, message) => {
    await recorded(1, { age: 20 });
    await expect(prune(options)).rejects.toThrow(message);
    expect(await left()).toEqual([1, 0]);
  });

  it('is a command, too: counts, a dry run, and 0 days', async () => {
    await recorded(2, { age: 20, dead: 'order.ship' });
    await recorded(1, { age: 1 });
    const run = async (...flags: readonly string[]): Promise<readonly [unknown, string]> => {
      const command = Command.start(application.url, 'prune', '--module', COMMANDED_MODULE, ...flags);
      return [await command.ended, command.output + command.errors];
    };
    expect(await run('--dry-run')).toEqual([0, 'events would be pruned: 2\ndead letters would be pruned: 2\n']);
    expect(await left()).toEqual([3, 2]);
    expect(await run('--min-age-days', '0', '--failed-min-age-days', '14', '--receivers', '*')).toEqual([
      0,
      'events pruned: 3\ndead letters pruned: 2\n',
    ]);
    expect(await left()).toEqual([0, 0]);
    const [code, message] = await run('--data-source', 'nowhere');
    expect([code, message]).toEqual([1, expect.stringContaining('option --data-source must be a data source that')]);
  });
});

interface Recorded {
  /** Days since it was emitted. */
  readonly age: number;
  readonly open?: string;
  readonly dead?: string;
  readonly discarded?: string;
  /** Days since it died. */
  readonly diedAge?: number;
}

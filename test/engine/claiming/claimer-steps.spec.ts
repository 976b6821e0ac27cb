import { claimStatement, PROMOTION_BATCH } from '../../../lib/engine/claiming/claim.statements.js';
import { Claimer } from '../../../lib/engine/claiming/claimer.js';
import type { SqlClient, SqlQuery, SqlResult } from '../../../lib/engine/database/sql-client.js';
import type { ReceiverDemand } from '../../../lib/engine/liveness/worker-session.js';
import { tableNames } from '../../../lib/engine/schema/table-names.js';

const MINUTE = 60_000;
const names = tableNames();

const COLUMNS = ['event_id', 'receiver', 'version', 'priority', 'ready_xid', 'claims', 'attempts', 'interruptions'];
type FoundDelivery = Readonly<Record<string, number>>;

/** What a look finds. */
interface Found {
  readonly deliveries?: readonly FoundDelivery[];
  readonly nextDueIn?: number;
  readonly clock?: number;
  readonly snapshot?: string;
  readonly found?: Readonly<Record<string, number>>;
  /** What happens while the answer is on its way. */
  readonly meanwhile?: () => void;
}

/** Stands in for the server: keeps what it is asked, and answers as it was told to. */
class ScriptedServer implements SqlClient {
  readonly asked: { readonly kind: 'look' | 'promote'; readonly values: readonly unknown[] }[] = [];

  constructor(
    private readonly finds: Found[],
    private readonly promotions: (number | null)[] = [],
  ) {}

  async query<Row>({ text, values = [] }: SqlQuery): Promise<SqlResult<Row>> {
    const kind = text === claimStatement(names).text ? 'look' : 'promote';
    this.asked.push({ kind, values });
    if (kind === 'promote') return { rows: [], rowCount: this.promotions.shift() ?? 0 };
    const found = this.finds.shift();
    found?.meanwhile?.();
    return { rows: found === undefined ? [] : (rowsOf(found) as Row[]), rowCount: null };
  }

  get steps(): string {
    return this.asked.map(({ kind }) => kind).join(', ');
  }

  /** Values of the last look. */
  get last(): {
    readonly receivers: unknown;
    readonly limits: unknown;
    readonly versions: unknown;
    /** Lower bounds band by band, of one receiver after the other. */
    readonly lows: unknown;
    readonly holes: unknown;
    readonly rest: unknown;
  } {
    const { values } = this.asked.findLast(({ kind }) => kind === 'look')!;
    const [receivers, limits, versions] = values;
    const [holders, xids] = values.slice(11, 13) as [readonly number[], readonly string[]];
    return {
      ...{ receivers, limits, versions, lows: values.slice(3, 11), rest: values.slice(13) },
      holes: holders.map((receiver, index) => `${receiver}: ${xids[index] ?? ''}`),
    };
  }
}

function rowsOf({ deliveries = [], nextDueIn, clock = 0, snapshot = '50:50:', found }: Found): object[] {
  const counts = found === undefined ? null : JSON.stringify(found);
  const columns = COLUMNS.map((name) => [
    name,
    deliveries.length === 0 ? null : `{${deliveries.map((delivery) => delivery[name]).join(',')}}`,
  ]);
  return [
    { snapshot, next_due_in: nextDueIn ?? null, clock, found: counts, ...(Object.fromEntries(columns) as object) },
  ];
}

const row = (eventId: number, receiver = 1, priority = 4, readyXid = 20): FoundDelivery => ({
  ...{ event_id: eventId, receiver, priority, ready_xid: readyXid },
  ...{ version: 2, claims: 3, attempts: 4, interruptions: 5 },
});

const demand = (limit = 9, receiver = 1): ReceiverDemand => ({ receiver, limit, version: 32_767 });
const allBands = (...bounds: string[]): string[][] => Array.from({ length: 8 }, () => bounds);

describe('Steps of a claimer', () => {
  let claimer: Claimer;
  let now: number;

  beforeEach(() => {
    now = 1;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    claimer = new Claimer(names, { offset: 7 });
  });
  afterEach(() => jest.restoreAllMocks());

  const claim = (server: ScriptedServer, ...demands: readonly ReceiverDemand[]) =>
    claimer.claim(server, 11, demands.length === 0 ? [demand()] : demands);

  it('looks once when nothing is due, and gives what it found', async () => {
    const server = new ScriptedServer([{ deliveries: [row(8)] }]);
    expect(await claim(server)).toEqual({
      deliveries: [
        {
          ...{ eventId: '8', receiver: 1, version: 2, priority: 4, readyXid: '20' },
          ...{ claims: 3, attempts: 4, interruptions: 5 },
        },
      ],
      nextDueIn: null,
    });
    expect([server.steps, server.last]).toEqual([
      'look',
      { receivers: [1], limits: [9], versions: [32_767], lows: allBands('0'), holes: [], rest: [11, 7, -Infinity] },
    ]);
  });

  it('says so when the server told nothing', async () => {
    await expect(claim(new ScriptedServer([]))).rejects.toThrow('The claim returned no snapshot.');
  });

  describe('where something delayed is due', () => {
    it('promotes it and looks again, for what is still to be claimed', async () => {
      const server = new ScriptedServer([
        { deliveries: [row(1, 1), row(2, 2), row(3, 2)], nextDueIn: 0 },
        { deliveries: [row(4, 1)], nextDueIn: 30 },
      ]);
      const { deliveries, nextDueIn } = await claim(server, demand(3, 1), demand(2, 2), demand(1, 3));
      expect([server.steps, deliveries.map(({ eventId }) => eventId), nextDueIn]).toEqual([
        ...['look, promote, look', ['1', '2', '3', '4'], 30],
      ]);
      expect(server.last).toMatchObject({ receivers: [1, 3], limits: [2, 1] });
    });

    it.each([
      [-1, 'look, promote, look'],
      [0, 'look, promote, look'],
      [1, 'look'],
    ])('in %i ms: %s', async (nextDueIn, steps) => {
      const server = new ScriptedServer([{ nextDueIn }, {}]);
      await claim(server);
      expect(server.steps).toBe(steps);
    });

    it('promotes once in a claim', async () => {
      const server = new ScriptedServer([{ nextDueIn: 0 }, { nextDueIn: -3 }]);
      expect([await claim(server), server.steps]).toEqual([{ deliveries: [], nextDueIn: -3 }, 'look, promote, look']);
    });

    it.each<[(number | null)[], number]>([
      [[PROMOTION_BATCH, PROMOTION_BATCH, 3], 3],
      [[PROMOTION_BATCH - 1], 1],
      [[null], 1],
      [new Array<number>(9).fill(PROMOTION_BATCH), 4],
    ])('goes on promoting while batches are full, but not for ever: %j', async (promotions, times) => {
      const server = new ScriptedServer([{ nextDueIn: 0 }, {}], promotions);
      await claim(server);
      expect(server.asked.filter(({ kind }) => kind === 'promote').map(({ values }) => values)).toEqual(
        new Array(times).fill([-Infinity, 7]),
      );
    });
  });

  describe('remembers from when on to look for what is delayed', () => {
    it.each([
      [undefined, MINUTE - 10_000],
      [1, MINUTE - 10_000],
      [0, -Infinity],
    ])('with the next due in %p: %d', async (nextDueIn, from) => {
      const server = new ScriptedServer([{ clock: MINUTE, ...(nextDueIn === undefined ? {} : { nextDueIn }) }, {}, {}]);
      await claim(server);
      if (nextDueIn !== 0) await claim(server);
      expect(server.last.rest).toEqual([11, 7, from]);
    });

    it('looks again, without promoting, when a transaction ended that may have written before that', async () => {
      const server = new ScriptedServer([
        { clock: MINUTE, snapshot: '7:50:7' },
        { clock: 2 * MINUTE },
        { clock: 2 * MINUTE, deliveries: [row(1)] },
      ]);
      await claim(server);
      const { deliveries } = await claim(server);
      expect([server.steps, deliveries.length]).toEqual(['look, look, look', 1]);
    });
  });

  describe('remembers where each receiver stands', () => {
    it('at what it took where it took as much as it was allowed to, and at the end elsewhere', async () => {
      const server = new ScriptedServer([
        { deliveries: [row(1, 1, 1, 20), row(2, 2, 5, 30)], found: { 1: 1, 2: 1 } },
        {},
      ]);
      const demands = [demand(1, 1), demand(2, 2)];
      await claim(server, ...demands);
      await claim(server, ...demands);
      expect(server.last.lows).toEqual([['50', '50'], ['20', '50'], ...Array.from({ length: 6 }, () => ['0', '50'])]);
    });

    it('at what it took where others took what it had found', async () => {
      const server = new ScriptedServer([{ deliveries: [row(1, 1, 0, 20)], found: { 1: 2 } }, {}]);
      await claim(server, demand(2));
      await claim(server, demand(2));
      expect(server.last.lows).toEqual([['20'], ...Array.from({ length: 7 }, () => ['0'])]);
    });

    it('and which writers it passed', async () => {
      const server = new ScriptedServer([{ snapshot: '12:50:12,40' }, { snapshot: '12:50:12,40' }]);
      await claim(server, demand(1, 1), demand(1, 2));
      await claim(server, demand(1, 2), demand(1, 3));
      expect(server.last).toMatchObject({ holes: ['2: 12', '2: 40'], lows: allBands('50', '0') });
    });
  });

  describe('forgets all of that', () => {
    const forgotten = { lows: allBands('0'), rest: [11, 7, -Infinity] };
    const remembered = { lows: allBands('50'), rest: [11, 7, MINUTE - 10_000] };

    it('when it is told to', async () => {
      const server = new ScriptedServer([{ clock: MINUTE }, {}, {}]);
      await claim(server);
      await claim(server);
      expect(server.last).toMatchObject(remembered);
      claimer.reset();
      await claim(server);
      expect(server.last).toMatchObject(forgotten);
    });

    it('when it is told to while it looks, and does not look again for that', async () => {
      const server = new ScriptedServer([
        { clock: MINUTE, snapshot: '7:50:7' },
        {
          clock: 2 * MINUTE,
          deliveries: [row(1)],
          meanwhile: () => {
            claimer.reset();
          },
        },
        {},
      ]);
      await claim(server);
      expect([(await claim(server)).deliveries.length, server.steps]).toEqual([1, 'look, look']);
      await claim(server);
      expect(server.last).toMatchObject(forgotten);
    });

    it.each([
      [0, 15_000],
      [0.5, 20_000],
      [1, 25_000],
    ])('now and then: with %d by lot after %i ms', async (lot, interval) => {
      jest.spyOn(Math, 'random').mockReturnValue(lot);
      const server = new ScriptedServer([{ clock: MINUTE }, {}, {}]);
      await claim(server);
      now += interval - 1;
      await claim(server);
      expect(server.last).toMatchObject(remembered);
      now += 1;
      await claim(server);
      expect(server.last).toMatchObject(forgotten);
    });
  });
});

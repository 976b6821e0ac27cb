import type { ReceiverDemand } from '../../../lib/engine/liveness/worker-session.js';
import { CLAIM_PLANNING } from '../../../lib/engine/claiming/claim-planning.js';
import type { SqlClient } from '../../../lib/engine/database/sql-client.js';
import { claimStatement } from '../../../lib/engine/claiming/claim.statements.js';
import { postgresPool } from '../../../lib/engine/database/postgres-driver.js';
import { deliveryId } from '../../../lib/engine/deliveries/claimed-delivery.js';
import { EngineFixture } from '../../support/engine-fixture.js';

const demand = (limit: number, receiver = 1): ReceiverDemand => ({ receiver, limit, version: 32_767 });

describe('Claimer', () => {
  let fixture: EngineFixture;

  beforeAll(async () => {
    fixture = await EngineFixture.create();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.reset());

  it('claims up to the limit, most urgent band first, and each delivery once', async () => {
    await fixture.emit(fixture.input({ priority: 4 }), fixture.input({ priority: 0 }), fixture.input({ priority: 7 }));
    const client = await fixture.client();
    const claimer = fixture.claimer();

    const first = await claimer.claim(client, 1, [demand(2)]);
    const second = await claimer.claim(client, 1, [demand(2)]);
    const third = await claimer.claim(client, 1, [demand(2)]);

    expect(first.deliveries.map(({ priority }) => priority).sort()).toEqual([0, 4]);
    expect(second.deliveries.map(({ priority }) => priority)).toEqual([7]);
    expect(third.deliveries).toEqual([]);
    expect(first.deliveries[0]).toMatchObject({ receiver: 1, claims: 1, attempts: 0, interruptions: 0, version: 1 });
    expect(await fixture.count(fixture.names.delivery, 'worker = 1 and claims = 1 and claimed_at is not null')).toBe(3);
  });

  it('claims for the receivers asked for, and leaves versions it does not understand', async () => {
    await fixture.reset({ 'order.paid': [1, 2, 3] });
    await fixture.emit(fixture.input(), { ...fixture.input(), version: 3 });
    const client = await fixture.client();

    const answer = await fixture.claimer().claim(client, 1, [demand(9), { receiver: 2, limit: 9, version: 2 }]);

    expect(answer.deliveries.map(({ receiver, version }) => `${receiver} v${version}`).sort()).toEqual([
      '1 v1',
      '1 v3',
      '2 v1',
    ]);
    expect(await fixture.count(fixture.names.delivery, 'worker is null')).toBe(3);
  });

  it('finds a delivery whose writer was open when the bound passed it', async () => {
    const [slow, client] = [await fixture.client(), await fixture.client()];
    const claimer = fixture.claimer();
    await slow.query({ text: 'begin' });
    await fixture.events.append(fixture.connection(slow), [fixture.input()], false);
    await fixture.emit(fixture.input());

    const before = await claimer.claim(client, 1, [demand(9)]);
    await fixture.emit(fixture.input());
    const between = await claimer.claim(client, 1, [demand(9)]);
    await slow.query({ text: 'commit' });
    const after = await claimer.claim(client, 1, [demand(9)]);

    expect([before, between, after].map(({ deliveries }) => deliveries.length)).toEqual([1, 1, 1]);
  });

  it('looks from the left end again after a reset, where released deliveries lie', async () => {
    await fixture.emit(fixture.input());
    const client = await fixture.client();
    const claimer = fixture.claimer();
    await claimer.claim(client, 1, [demand(9)]);
    await fixture.emit(fixture.input());
    await claimer.claim(client, 1, [demand(9)]);
    await fixture.dataSource.query(`update ${fixture.names.delivery} set worker = null`);

    const behindTheBound = await claimer.claim(client, 1, [demand(9)]);
    claimer.reset();
    const afterReset = await claimer.claim(client, 1, [demand(9)]);

    expect(behindTheBound.deliveries.length + afterReset.deliveries.length).toBe(2);
    expect(afterReset.deliveries.length).toBeGreaterThan(0);
    expect(afterReset.deliveries.every(({ claims }) => claims === 2)).toBe(true);
  });

  it('looks from the left end again after a reset that came while it was claiming', async () => {
    await fixture.emit(fixture.input());
    const client = await fixture.client();
    const claimer = fixture.claimer();
    await claimer.claim(client, 1, [demand(9)]);
    // What it looks at now it sees as held; then it is handed back, which is told before the answer arrives.
    await claimer.claim(client, 1, [demand(9)]);
    const slow: SqlClient = {
      query: async (query) => {
        const answer = await client.query<never>(query);
        await fixture.dataSource.query(`update ${fixture.names.delivery} set worker = null`);
        claimer.reset();
        return answer;
      },
    };
    await claimer.claim(slow, 1, [demand(9)]);
    const { deliveries } = await claimer.claim(client, 1, [demand(9)]);

    expect(deliveries).toHaveLength(1);
  });

  it('looks from the left end now and then in any case', async () => {
    await fixture.emit(fixture.input());
    const client = await fixture.client();
    const claimer = fixture.claimer();
    await claimer.claim(client, 1, [demand(9)]);
    await claimer.claim(client, 1, [demand(9)]);
    await fixture.dataSource.query(`update ${fixture.names.delivery} set worker = null`);

    const before = await claimer.claim(client, 1, [demand(9)]);
    const later = performance.now() + 60_000;
    jest.spyOn(performance, 'now').mockReturnValue(later);
    const after = await claimer.claim(client, 1, [demand(9)]);
    jest.restoreAllMocks();

    expect([before.deliveries.length, after.deliveries.length]).toEqual([0, 1]);
  });

  it('says when the next delayed delivery is due, and claims it when it is', async () => {
    await fixture.emit(fixture.input({ delay: 60_000 }));
    const client = await fixture.client();
    const claimer = fixture.claimer();

    const early = await claimer.claim(client, 1, [demand(9)]);
    fixture.clock.offset = 60_000;
    const due = await claimer.claim(client, 1, [demand(9)]);

    expect(early.deliveries).toEqual([]);
    expect(early.nextDueIn).toBeGreaterThan(0);
    expect(early.nextDueIn).toBeLessThanOrEqual(60_000);
    expect(due.deliveries).toHaveLength(1);
    expect(due.nextDueIn).toBeNull();
  });

  it('keeps delayed deliveries out of the ready index', async () => {
    await fixture.emit(fixture.input({ delay: 60_000 }), fixture.input());
    expect(await fixture.count(fixture.names.delivery, 'ready_xid is null and due_at is not null')).toBe(1);
    expect(await fixture.count(fixture.names.delivery, 'ready_xid is not null and due_at is null')).toBe(1);
  });

  it('loses and doubles nothing among concurrent producers, some slow, some rolled back', async () => {
    await fixture.reset({ 'order.paid': [1, 2] });
    const producers = 6;
    const perProducer = 40;
    let committed = 0;
    let open = producers;
    const produce = async (seed: number): Promise<void> => {
      const client = await fixture.client();
      for (let index = 0; index < perProducer; index += 1) {
        await client.query({ text: 'begin' });
        await fixture.events.append(
          fixture.connection(client),
          [fixture.input({ priority: (seed + index) % 8 })],
          false,
        );
        // Some transactions end long after others that began later.
        if ((seed + index) % 7 === 0) await client.query({ text: 'select pg_sleep(0.03)' });
        const rollback = (seed + index) % 5 === 0;
        await client.query({ text: rollback ? 'rollback' : 'commit' });
        if (!rollback) committed += 2;
      }
      open -= 1;
    };
    const seen: string[] = [];
    const consume = async (worker: number): Promise<void> => {
      const client = await fixture.client();
      const claimer = fixture.claimer();
      for (;;) {
        const last = open === 0;
        const { deliveries } = await claimer.claim(client, worker, [demand(7, 1), demand(7, 2)]);
        seen.push(...deliveries.map(deliveryId));
        await fixture.deliveries.acknowledge(fixture.connection(client), deliveries);
        if (last && deliveries.length === 0) return;
      }
    };

    await Promise.all([consume(1), consume(2), ...Array.from({ length: producers }, (_, seed) => produce(seed))]);

    expect(seen).toHaveLength(committed);
    expect(new Set(seen).size).toBe(committed);
    expect(await fixture.count(fixture.names.delivery)).toBe(0);
  });

  describe('its plan', () => {
    const values = `'{1}', '{100}', '{32767}', ${"'{0}', ".repeat(8)}'{}', '{}', 1, 0, '-infinity'`;

    /** A table that is large by now, of which the statistics say that it is empty. */
    async function growFromEmpty(prepare: string): Promise<string> {
      const client = await postgresPool(fixture.dataSource).connect();
      try {
        await fixture.dataSource.query(`truncate ${fixture.names.delivery}`);
        await fixture.dataSource.query(`analyze ${fixture.names.delivery}`);
        await client.query({ text: prepare });
        await client.query({ text: `prepare claim as ${claimStatement(fixture.names).text}` });
        await client.query({ text: `execute claim(${values})` });
        await fixture.dataSource.query(
          `insert into ${fixture.names.delivery} (event_id, receiver, priority) select id, 1, id % 8 from generate_series(1, 20000) id`,
        );
        const { rows } = await client.query({ text: `explain (format json) execute claim(${values})` });
        return JSON.stringify(rows);
      } finally {
        client.release(true);
      }
    }

    it.each([
      ['kept from an empty table', CLAIM_PLANNING.map(([name, value]) => `set ${name} = ${value}`).join('; ')],
      ['made anew for each claim', 'set plan_cache_mode = force_custom_plan'],
    ])('walks the ready index in its order, %s', async (_, prepare) => {
      const plan = await growFromEmpty(prepare);

      expect(plan).toContain('jobs_delivery_ready');
      expect(plan).toContain('jobs_delivery_due');
      expect(plan).toContain('Tid Scan');
      expect(plan).not.toMatch(/"Node Type":"(Seq Scan|Bitmap Heap Scan)"[^{}]*"Relation Name":"jobs_delivery"/);
      expect(plan).not.toContain('"Node Type":"Sort"');
      expect(plan).not.toContain('jobs_delivery_pkey');
    });
  });
});

import type { ClaimedDelivery } from '../../../lib/engine/deliveries/claimed-delivery.js';
import type { Outcome } from '../../../lib/engine/deliveries/outcome.js';
import { Settlement } from '../../../lib/engine/worker/settlement.js';
import { EngineFixture } from '../../support/engine-fixture.js';

const HANDED_BACK: Outcome = { kind: 'interrupted', failure: null };

describe('Outcomes', () => {
  let fixture: EngineFixture;

  beforeAll(async () => {
    fixture = await EngineFixture.create();
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.reset());

  async function claimed(): Promise<ClaimedDelivery> {
    const [delivery] = await fixture.claim();
    if (delivery === undefined) throw new Error('nothing was claimed');
    return delivery;
  }

  const written: readonly Outcome[] = [
    { kind: 'acknowledged' },
    { kind: 'postponed', delay: 60_000, failure: null },
    HANDED_BACK,
    { kind: 'dead', reason: 'failed', failure: null },
  ];

  it.each(written)('of two claims of one delivery are told apart: $kind', async (outcome) => {
    await fixture.emit(fixture.input());
    const old = await claimed();
    await fixture.deliveries.settle(fixture.database.connection, [{ delivery: old, outcome: HANDED_BACK }]);
    const next = await claimed();
    const held = new Map<ClaimedDelivery, boolean>();
    const settlement = new Settlement(
      fixture.database,
      fixture.deliveries,
      ({ delivery }, isHeld) => held.set(delivery, isHeld),
      30_000,
    );
    for (const delivery of [old, next]) settlement.add({ delivery, outcome });
    await settlement.drained();

    expect(held).toEqual(
      new Map([
        [old, false],
        [next, true],
      ]),
    );
  });
});

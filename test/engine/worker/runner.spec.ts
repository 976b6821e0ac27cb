import { Logger } from '@nestjs/common';
import type { Outcome } from '../../../lib/engine/deliveries/outcome.js';
import type { Receiver } from '../../../lib/engine/receivers/receiver.js';
import type { Runner } from '../../../lib/engine/worker/runner.js';
import { TransactionSlots } from '../../../lib/engine/worker/transaction-slots.js';
import { EngineFixture } from '../../support/engine-fixture.js';
import { Signal } from '../../support/signal.js';
import { createRunner } from './support/create-runner.js';
import { groupedReceiver } from './support/grouped-receiver.js';

const RUNS = 3;

describe('A runner', () => {
  let fixture: EngineFixture;
  let runner: Runner;
  let settle: (outcome: Outcome) => void;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    fixture = await EngineFixture.create();
  });
  afterAll(() => fixture.close());

  beforeEach(async () => {
    await fixture.reset();
    runner = createRunner(fixture, {
      settleLimit: 1_000,
      slots: new TransactionSlots(RUNS),
      settle: (_delivery, outcome) => settle(outcome),
    });
  });
  afterEach(() => jest.restoreAllMocks());

  async function run(receiver: Receiver, count: number): Promise<void> {
    await fixture.emit(...Array.from({ length: count }, () => fixture.input()));
    const deliveries = await fixture.claim();
    const ids = deliveries.map(({ eventId }) => eventId);
    for (const event of await fixture.deliveries.readEvents(fixture.database.connection, ids)) {
      const delivery = deliveries.find(({ eventId }) => eventId === event.id);
      if (delivery !== undefined) void runner.run(receiver, [{ delivery, event }]);
    }
  }

  it('that stops gives up together what hangs', async () => {
    const allCalled = new Signal();
    let called = 0;
    const hangs = groupedReceiver({
      invoke: () => {
        if ((called += 1) === RUNS) allCalled.give();
        return new Promise(() => undefined);
      },
    });
    const settled: { readonly kind: string; readonly cutOff: number }[] = [];
    const cutOff = jest.spyOn(fixture.database, 'cutOff');
    settle = ({ kind }) => settled.push({ kind, cutOff: cutOff.mock.calls.length });
    await run(hangs, RUNS);
    await allCalled.given;
    await runner.stop(Promise.resolve());

    expect(settled).toEqual(Array.from({ length: RUNS }, () => ({ kind: 'interrupted', cutOff: RUNS })));
  });
});

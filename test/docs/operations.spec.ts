import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.js';
import { OperatedApplication } from '../operations/support/operated-application.js';
import { OperationsExample, OrderPaid, Shipping } from './operations-example.js';

const read = (path: string): string => readFileSync(join(__dirname, '../..', path), 'utf8');

describe('The page on operations', () => {
  let app: OperatedApplication;
  let example: OperationsExample;

  beforeAll(async () => {
    app = await OperatedApplication.start([Shipping], { worker: {} });
    example = new OperationsExample(app.deliveries, app.deadLetters, app.log, app.audit);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    await app.clear();
    app.application.context.get(Shipping).open = false;
  });

  const failed = (attempts: string): Promise<void> =>
    until(async () => (await app.application.count('jobs_delivery', `attempts <> ${attempts}`)) === 0);

  /** An order that cannot be shipped. */
  async function order(): Promise<{ eventId: string; id: string }> {
    const { id: eventId } = await app.events.emit(new OrderPaid(`order ${Math.random()}`));
    await failed('1');
    return { eventId, id: `${eventId}.${await app.numberOf('order.ship')}` };
  }
  async function lostOrder(): Promise<void> {
    const { id } = await order();
    await app.deliveries.retry(id, { actor: 'test' });
    await until(async () => (await app.application.count('jobs_delivery')) === 0);
  }

  it('shows the examples as they are run below, to the letter', () => {
    const page = read('docs/operations.md');
    const regions = [
      ...read('test/docs/operations-example.ts').matchAll(/ *\/\/ #region \w+\n([\s\S]*?) *\/\/ #endregion/g),
    ].map(([, code = '']) => code.replaceAll(/^ {4}/gm, '').trim());
    expect([regions.length, regions.filter((region) => !page.includes(region))]).toEqual([6, []]);
  });

  it('finds what fails', async () => {
    const { id } = await order();
    expect(await example.look()).toMatchObject({
      page: { items: [{ id }] },
      more: null,
      label: '1',
      details: { id, failures: [{}] },
    });
  });

  it('acts on it', async () => {
    const [failing, early, hopeless] = [await order(), await order(), await order()].map(({ id }) => id);
    expect([
      await example.act(failing!, early!, hopeless!),
      (await app.deadLetters.list({ kind: 'discarded' })).items.map(({ deliveryId }) => deliveryId),
    ]).toEqual([{ changed: [failing], busy: [] }, [hopeless]]);
  });

  it('redrives what failed for one reason', async () => {
    await lostOrder();
    await lostOrder();
    app.application.context.get(Shipping).open = true;
    const found = await example.redrive();
    await until(async () => (await app.application.count('jobs_delivery')) === 0);
    expect([found, await app.application.count('jobs_dead_letter')]).toMatchObject([
      {
        worst: { error: 'Error', message: 'The shop in … is closed.', count: 2 },
        planned: { changed: 2, open: 0, next: null },
      },
      0,
    ]);
  });

  it('replays one event', async () => {
    await lostOrder();
    const [event] = (await app.log.list()).items;
    app.application.context.get(Shipping).open = true;
    const before = await example.replay(event!.id);
    await until(async () => (await app.application.count('jobs_delivery')) === 0);
    expect([before, await app.log.status(event!.id)]).toMatchObject([
      { receivers: expect.arrayContaining([expect.objectContaining({ receiver: 'order.ship', state: 'dead' })]) },
      { receivers: [{ state: 'delivered' }, { state: 'delivered' }] },
    ]);
  });

  it('replays a day', async () => {
    await app.rows(
      `insert into jobs_event (name, payload, receivers, created_at, retain_until)
       values ('order.paid', '{"orderId":"7"}', '{}', '2030-01-01T12:00:00Z', now() + interval '1 d')`,
    );
    expect(await example.replaySpan()).toEqual({ changed: 1, done: { changed: 1, open: 0, next: null } });
  });

  it('tells who did it', async () => {
    const { id } = await order();
    await app.deliveries.discard(id, { actor: 'user:7', reason: 'sent by hand' });
    await app.rows(`update jobs_audit set subject = 'delivery:17.3'`);
    expect(await example.who()).toMatchObject([
      { actor: 'user:7', action: 'delivery.discarded', reason: 'sent by hand' },
    ]);
  });
});

import { JobSweeps } from '../../lib/index.js';
import { UnpaidOrders } from '../../sample/chasing/unpaid-orders.js';
import type { JobView } from '../../sample/job-api/job.view.js';
import type { OrderView } from '../../sample/orders/orders.query.js';
import { as, SampleApplication } from './support/sample-application.js';

describe('An order that stays unpaid', () => {
  let sample: SampleApplication;
  const ada = as('ada', 'role:support');
  const bob = as('bob', 'role:support');
  const eve = as('eve');

  beforeAll(async () => (sample = await SampleApplication.start()));
  afterAll(() => sample.close());
  beforeEach(async () => {
    await sample.drained();
    await sample.query('truncate jobs_job, jobs_job_history, jobs_job_remembered');
    await sample.query(`update orders set created_at = now()`);
  });

  /** An order of two days ago. */
  const oldOrder = async (): Promise<OrderView> => {
    const order = await sample.order();
    await sample.query(`update orders set created_at = now() - interval '2 days' where id = $1`, [order.id]);
    return order;
  };
  const chase = () => sample.get(UnpaidOrders).chase();
  const next = async (headers: Record<string, string>): Promise<JobView | null> =>
    ((await sample.http('post', '/staff/jobs/next', {}, headers)).body as { job: JobView | null }).job;

  it('is chased by support, once', async () => {
    const order = await oldOrder();
    expect(await chase()).toBe(1);
    expect(await chase()).toBe(0);
    expect(await sample.query('select type, target_id, status, candidates, metadata from jobs_job')).toEqual([
      {
        type: 'orders.chase-payment',
        target_id: order.payment.id,
        status: 'pending',
        candidates: ['role:support'],
        metadata: { orderId: order.id, amount: order.amount },
      },
    ]);
  });

  it('is left alone while it is young, and when it was paid', async () => {
    await sample.order();
    const paid = await oldOrder();
    await sample.webhook(paid.payment.id, 'succeeded');
    await sample.drained();
    expect(await chase()).toBe(0);
  });

  it('is chased by one person at a time', async () => {
    await oldOrder();
    await oldOrder();
    await chase();
    const [one, other] = await Promise.all([next(ada), next(bob)]);
    expect(new Set([one?.id, other?.id]).size).toBe(2);
    expect(await next(ada)).toBeNull();
    expect((await sample.http('post', `/staff/jobs/${one!.id}/release`, {}, bob)).status).toBe(403);
    expect((await sample.http('post', `/staff/jobs/${one!.id}/release`, {}, ada)).body).toMatchObject({
      claimedBy: null,
    });
    expect((await next(bob))?.id).toBe(one?.id);
  });

  it('is nobody else’s business', async () => {
    await oldOrder();
    await chase();
    const { id } = (await next(ada))!;
    expect((await sample.http('get', `/staff/jobs/${id}`)).status).toBe(401);
    expect((await sample.http('get', `/staff/jobs/${id}`, undefined, eve)).status).toBe(403);
    expect((await sample.http('post', `/staff/jobs/${id}/cancel`, {}, eve)).status).toBe(403);
    expect((await sample.http('post', '/staff/jobs/next', {}, eve)).status).toBe(403);
    expect((await sample.http('get', `/staff/jobs/${id}`, undefined, bob)).status).toBe(200);
  });

  it('is chased no longer as soon as it is paid', async () => {
    const { payment } = await oldOrder();
    await chase();
    const { id } = (await next(ada))!;
    await sample.http('post', `/staff/jobs/${id}/comments`, { text: 'She promised to pay today.' }, ada);
    await sample.webhook(payment.id, 'succeeded');
    await sample.drained();
    expect((await sample.http('get', `/staff/jobs/${id}`, undefined, ada)).body).toMatchObject({
      status: 'completed',
      closeReason: 'event',
    });
    expect((await sample.http('post', `/staff/jobs/${id}/cancel`, {}, ada)).status).toBe(409);
  });

  it('is given up after two weeks, for good', async () => {
    await oldOrder();
    await chase();
    const { id } = (await next(ada))!;
    await sample.query(`update jobs_job set expires_at = now()`);
    expect(await sample.get(JobSweeps).expire()).toBe(1);
    expect((await sample.http('get', `/staff/jobs/${id}`, undefined, ada)).body).toMatchObject({
      status: 'cancelled',
      closeReason: 'expired',
    });
    expect(await chase()).toBe(0);
  });
});

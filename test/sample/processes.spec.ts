import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { until } from '../support/until.js';
import { SampleApplication } from './support/sample-application.js';

// Each test starts processes, which share the machine with the other tests.
jest.setTimeout(60_000);

const built = resolve(__dirname, '../../.build/sample');

describe('The sample’s processes', () => {
  let sample: SampleApplication;
  const running: ChildProcessWithoutNullStreams[] = [];

  beforeEach(async () => {
    sample = await SampleApplication.start({ worker: false });
  });
  afterEach(async () => {
    for (const child of running.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await sample.close();
  });

  function run(file: string, environment: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
    const child = spawn(process.execPath, [resolve(built, file)], {
      env: { ...process.env, DATABASE_URL: sample.database.url, RATES_URL: sample.rates.url, ...environment },
    });
    running.push(child);
    return child;
  }

  async function outputOf(child: ChildProcessWithoutNullStreams): Promise<{ stdout: string; code: number | null }> {
    let stdout = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { stdout, code };
  }

  it('P2, P3: the repair settles orders whose deliveries were deleted by hand, says so, and has nothing to say again', async () => {
    const forgotten = [await sample.order(), await sample.order()];
    const waiting = await sample.order();
    await sample.webhook(forgotten[0]!.payment.id, 'succeeded');
    await sample.webhook(forgotten[1]!.payment.id, 'failed');
    expect(await sample.count('jobs_delivery')).toBe(6);
    await sample.query('delete from jobs_delivery');

    expect(await outputOf(run('repair-orders.js'))).toEqual({
      stdout: `order ${forgotten[0]!.id} status changed to "completed"\norder ${forgotten[1]!.id} status changed to "cancelled"\n`,
      code: 0,
    });
    expect((await sample.find(forgotten[0]!.id)).status).toBe('completed');
    expect((await sample.find(forgotten[1]!.id)).status).toBe('cancelled');
    expect((await sample.find(waiting.id)).status).toBe('pending_payment');
    expect(await outputOf(run('repair-orders.js'))).toEqual({ stdout: '', code: 0 });
  });

  it('jobs:expire cancels what has expired, and prints how many', async () => {
    await sample.query(
      `insert into jobs_job (type, key, expires_at) select 'of.any-type', i::text, now() + i * interval '1 hour' from generate_series(-2, 1) i`,
    );
    expect(await outputOf(run('expire-jobs.js'))).toEqual({ stdout: 'expired jobs: 3\n', code: 0 });
    expect(await outputOf(run('expire-jobs.js'))).toEqual({ stdout: 'expired jobs: 0\n', code: 0 });
    expect(await sample.count('jobs_job', `close_reason = 'expired'`)).toBe(3);
  });

  it('S1: a process that only works completes the orders of one that only serves, and ends when told', async () => {
    const { id, payment } = await sample.order();
    await sample.webhook(payment.id, 'succeeded');

    const worker = run('worker.js');
    const output = outputOf(worker);
    await until(async () => (await sample.find(id)).status === 'completed', `order ${id} completed`);
    await sample.drained();
    worker.kill('SIGTERM');
    await output;

    expect(worker.signalCode).toBe('SIGTERM');
    expect(await sample.count('jobs_worker', `state = 'left'`)).toBe(1);
    expect((await sample.http('get', '/analytics')).body).toMatchObject({ 'payments.succeeded': 1 });
  });

  it('the web process serves, prints its URL and things to try, and only emits when told so', async () => {
    const lines = createInterface(run('main.js', { PORT: '0', JOBS_WORKER: 'off' }).stdout);
    const printed: string[] = [];
    for await (const line of lines) {
      printed.push(line);
      if (line.startsWith('Then kill it')) break;
    }
    const text = printed.join('\n');
    const url = /The sample runs at (http:\S+)/.exec(text)?.[1] ?? '';

    expect(text.match(/^\d\. /gm)).toEqual(['1. ', '2. ', '3. ', '4. ', '5. ', '6. ', '7. ']);
    expect(text).toContain('npm run sample:worker');
    const answer = await fetch(`${url}/orders`, { method: 'POST', body: new URLSearchParams({ amount: '1' }) });
    expect(answer.status).toBe(400);
    expect(await (await fetch(url)).text()).toContain('<title>Payments, orders and analytics</title>');
    expect(await sample.count('jobs_worker')).toBe(0);
  });

  it('says which setting is missing', async () => {
    const child = run('worker.js', { DATABASE_URL: '' });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    const { code } = await outputOf(child);
    expect(errors).toContain('DATABASE_URL is not set. Give it the address of a PostgreSQL server');
    expect(errors).not.toContain('    at ');
    expect(code).toBe(1);
  });

  it('a second start changes nothing in the tables', async () => {
    const { upQueries } = await sample.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});

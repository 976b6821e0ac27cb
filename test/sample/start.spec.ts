import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { StartedSample, type StartOptions } from './support/started-sample.js';

interface Order {
  readonly id: string;
  readonly status: string;
  readonly payment: { readonly id: string };
}

const main = resolve(__dirname, '../../.build/sample/main.js');

/** Somebody without rights, when these tests have those of root and the project lies where others can read it. */
function ordinaryUser(): StartOptions['account'] {
  const nobody = { uid: 65_534, gid: 65_534 };
  if (process.getuid?.() !== 0) return undefined;
  const look = `require('node:os').userInfo(); require('node:fs').readFileSync(${JSON.stringify(main)})`;
  return spawnSync(process.execPath, ['-e', look], { ...nobody, cwd: '/' }).status === 0 ? nobody : undefined;
}

describe('npm start', () => {
  const started: StartedSample[] = [];
  let folder: string;

  const start = async (options: StartOptions): Promise<StartedSample> => {
    const sample = StartedSample.start(options);
    started.push(sample);
    await sample.ready();
    return sample;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'start-spec-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    for (const sample of started.splice(0)) await sample.end();
    await rm(folder, { recursive: true, force: true });
  });

  it('brings the sample and a PostgreSQL, which goes with it at kill -9 and has kept everything at the next start', async () => {
    const port = await freePort();
    const account = ordinaryUser();
    if (account !== undefined) await chown(folder, account.uid, account.gid);
    const first = await start({ folder, port, ...(account === undefined ? {} : { account }) });
    expect(await first.page()).toContain('<title>Payments, orders and analytics</title>');
    const { id, payment } = await first.post<Order>('/orders', { amount: 10_000 });
    await first.post(`/provider/payments/${payment.id}`, { status: 'succeeded', times: 2 });
    await until(async () => (await first.get<Order>(`/orders/${id}`)).status === 'completed', 'the order completed');
    const orders = await first.get<readonly Order[]>('/orders');
    await first.kill();
    await first.databaseGone();

    // Root can serve what an ordinary user made, too.
    const second = await start({ folder, port });

    expect(await second.get('/orders')).toEqual(orders);
    const demoData = /There was nothing to look at/;
    expect([first.hasPrinted(demoData), second.hasPrinted(demoData)]).toEqual([true, false]);
  });
});

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { OperatorConsole } from '../../sample/operating/operator-console.js';
import { SampleApplication } from './support/sample-application.js';

const run = promisify(execFile);
const script = resolve(__dirname, '../../.build/sample/operate.js');

describe('The console of the sample', () => {
  let sample: SampleApplication;

  beforeAll(async () => {
    sample = await SampleApplication.start({ worker: false });
    const { payment } = await sample.order();
    await sample.webhook(payment.id, 'succeeded');
  });
  afterAll(() => sample.close());

  const operate = (...args: string[]) =>
    run(process.execPath, [script, ...args], { env: { ...process.env, DATABASE_URL: sample.settings.databaseUrl } });

  it('prints JSON and nothing else, and ends; it runs nothing and registers nobody', async () => {
    await sample.query(`update jobs_receiver set name = 'other' where name = 'analytics.on-payment-completed'`);
    const { stdout } = await operate('open');
    expect([JSON.parse(stdout), await sample.count('jobs_receiver', `name like 'analytics.%'`)]).toEqual([
      { waiting: 3, delayed: 0, retrying: 0, running: 0 },
      0,
    ]);
  });

  it('says in a line what is wrong with a command, and fails', async () => {
    const failure: unknown = await operate('redrive', '--state', 'waiting').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stdout: '' });
  });

  describe.each([
    ['no command', [], /no command ""; there are health, processes/],
    ['what every object has', ['constructor'], /no command "constructor"/],
    ['an option that the command does not know', ['redrive', '--state', 'waiting', '--as', 'a'], /--state/],
    ['an action without a name', ['redrive'], /needs --as/],
    ['a discard without a reason', ['discard', '1.1', '--as', 'a'], /needs --reason/],
    ['a state there is not', ['deliveries', '--state', 'asleep'], /waiting, delayed, retrying, running/],
    ['a time without its zone', ['events', '--from', '2030-01-01T00:00:00'], /with its zone/],
    ['a date without its zone', ['events', '--from', '2030-01-01'], /with its zone/],
    ['a number that is none', ['events', '--limit', 'all'], /no number/],
    ['two ids where one is meant', ['delivery', '1.1', '1.2'], /exactly one/],
  ])('given %s', (_, args, message) => {
    it('says what it takes', async () => {
      await expect(sample.get(OperatorConsole).run(args)).rejects.toThrow(message);
    });
  });
});

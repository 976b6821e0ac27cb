import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { TestDatabase } from '../support/test-database.js';

jest.setTimeout(60_000);

const run = promisify(execFile);
const script = resolve(__dirname, '../../.build/sample/register.js');

describe('The sample’s register step', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });
  afterEach(() => database.drop());

  async function register(): Promise<string> {
    const { stdout } = await run(process.execPath, [script], { env: { ...process.env, DATABASE_URL: database.url } });
    return stdout;
  }

  it('prints on an empty database who is registered, and ends; a second time the same', async () => {
    const answer = [
      'analytics.on-payment-completed receives payment.completed',
      'jobs.complete receives job.complete',
      'jobs.complete-on:onboarding.add-payment-method:account.payment-method-added receives account.payment-method-added',
      'jobs.complete-on:onboarding.invite-colleague:account.colleague-invited receives account.colleague-invited',
      'jobs.complete-on:onboarding.name-company:account.company-named receives account.company-named',
      'jobs.complete-on:onboarding.verify-email:account.email-verified receives account.email-verified',
      'jobs.complete-on:orders.chase-payment:payment.completed receives payment.completed',
      'jobs.request receives job.request',
      'jobs.request-on:onboarding.verify-email:account.signed-up receives account.signed-up',
      'order.on-payment-completed receives payment.completed',
      '',
    ].join('\n');
    expect([await register(), await register()]).toEqual([answer, answer]);
  });
});

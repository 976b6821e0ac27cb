import { readSettings } from '../../sample/settings.js';

const DATABASE_URL = 'postgres://localhost/sample';

describe('The settings of the sample', () => {
  it('have demonstration data while one develops', () => {
    expect(readSettings({ DATABASE_URL })).toMatchObject({ demoData: true, worker: true, port: 3000 });
  });

  it.each([
    ['in production', { NODE_ENV: 'production', TOKEN_SECRET: 'a secret' }],
    ['in a process that only emits', { JOBS_WORKER: 'off' }],
    ['when told so', { DEMO_DATA: 'off' }],
  ])('have none %s', (_when, environment) => {
    expect(readSettings({ DATABASE_URL, ...environment }).demoData).toBe(false);
  });

  it('need a secret in production', () => {
    expect(() => readSettings({ DATABASE_URL, NODE_ENV: 'production' })).toThrow('TOKEN_SECRET is not set');
    expect(readSettings({ DATABASE_URL, NODE_ENV: 'production', TOKEN_SECRET: 'a secret' }).tokenSecret).toBe(
      'a secret',
    );
  });
});

import { createSecureContext } from 'node:tls';

import { connectionConfig, unclonablePath } from '../../../lib/engine/liveness/connection/client-config.js';
import { lockClassOf } from '../../../lib/engine/liveness/lock-class.js';
import { monotonicNow } from '../../../lib/engine/liveness/monotonic.js';
import { sessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import { StartGate } from '../../../lib/engine/liveness/start-gate.js';
import { passwordSource } from '../../../lib/engine/liveness/thread/password-source.js';

describe('StartGate', () => {
  it('admits the identity it was opened for, until then, in whichever thread it is read', () => {
    const gate = new StartGate();
    const elsewhere = new StartGate(gate.memory);
    expect(elsewhere.admits(0)).toBe(false);

    gate.open(7, monotonicNow() + 60_000);
    expect([elsewhere.admits(7), elsewhere.admits(8)]).toEqual([true, false]);
    gate.open(8, monotonicNow() + 60_000);
    expect([elsewhere.admits(7), elsewhere.admits(8)]).toEqual([false, true]);
    gate.close();
    expect(elsewhere.admits(8)).toBe(false);
    gate.open(8, monotonicNow() - 1);
    expect(elsewhere.admits(8)).toBe(false);
  });
});

describe('lockClassOf', () => {
  it('is a positive int4, and never changes', () => {
    // Workers of two versions run side by side during a deployment: another number would make each take the other for dead.
    expect(lockClassOf('public')).toBe(1952011835);
    expect(lockClassOf('jobs')).not.toBe(1952011835);
    for (const name of ['', 'a', 'jobs', 'Ünïcode']) {
      expect(lockClassOf(name)).toBeGreaterThanOrEqual(0);
      expect(lockClassOf(name)).toBeLessThan(2 ** 31);
    }
  });
});

describe('sessionSettings', () => {
  it('keeps defaults where nothing, or undefined, is given', () => {
    expect(sessionSettings({ maxInterruptions: undefined })).toMatchObject({
      maxInterruptions: 10,
      gate: 1000,
      grace: 1200,
    });
    expect(sessionSettings({ maxInterruptions: 3 }).maxInterruptions).toBe(3);
  });

  it('refuses timings by which a living process could be taken for dead', () => {
    expect(() => sessionSettings({ gate: 1200 })).toThrow(
      '"gate" (1200 ms) must be shorter than its "grace" (1200 ms)',
    );
    expect(() => sessionSettings({ stale: 90_000 })).toThrow('"stale" (90000 ms)');
    expect(() => sessionSettings({ lease: 2000 })).toThrow('"beatDeadline"');
  });
});

describe('the connection of a session', () => {
  it('keeps what says where to connect, and nothing that a pooler would refuse at connect', () => {
    const config = connectionConfig({
      host: 'db',
      password: 'p',
      options: '-c search_path=a',
      ...{ statement_timeout: 5, query_timeout: 5, lock_timeout: 5, max: 10, log: () => undefined },
    });

    expect(config).toEqual({
      host: 'db',
      password: 'p',
      options: '-c search_path=a',
      keepAlive: true,
      keepAliveInitialDelayMillis: 5000,
    });
  });

  it('keeps a private key that the driver has hidden', () => {
    const ssl = { key: 'secret', ca: 'ca' };
    Object.defineProperty(ssl, 'key', { enumerable: false });

    expect({ ...(connectionConfig({ ssl }).ssl as object) }).toEqual({ key: 'secret', ca: 'ca' });
  });

  it('is cloned to a thread unless something in it would change', () => {
    expect(
      unclonablePath({ host: 'db', port: 5432, ssl: { ca: [Buffer.from('ca')], rejectUnauthorized: false } }),
    ).toBeUndefined();
    expect(unclonablePath({ password: undefined, ssl: true })).toBeUndefined();
    expect(unclonablePath({ ssl: { checkServerIdentity: () => undefined } })).toBe('ssl.checkServerIdentity');
    expect(unclonablePath({ ssl: { secureContext: createSecureContext() } })).toBe('ssl.secureContext');
  });
});

describe('passwordSource', () => {
  it('asks each time, and falls back on the last password while the main thread does not answer', async () => {
    const answers: (string | undefined)[] = ['first', 'second', undefined];
    const password = passwordSource(() => {
      const answer = answers.shift();
      return answer === undefined ? new Promise<string>(() => undefined) : Promise.resolve(answer);
    });

    expect([await password(), await password(), await password()]).toEqual(['first', 'second', 'second']);
  });

  it('fails with the application when that has no password', async () => {
    await expect(passwordSource(() => Promise.reject(new Error('no token')))()).rejects.toThrow('no token');
  });
});

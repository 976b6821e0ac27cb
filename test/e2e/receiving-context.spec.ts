import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { OnReliableEvent, ReliableEvent, type TransactionalContext } from '../../lib/index.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('user.asked')
class Asked {}

const user = new AsyncLocalStorage<string>();
const users: unknown[] = [];

@Injectable()
class Receivers {
  @OnReliableEvent(Asked, { id: 'plain' })
  plain(): void {
    users.push(user.getStore());
  }

  @OnReliableEvent(Asked, { id: 'transactional', transactional: true })
  transactional(_event: Asked, _context: TransactionalContext): void {
    users.push(user.getStore());
  }
}

describe('A receiver in the process of the sender', () => {
  let database: TestDatabase;
  let app: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create();
    app = await TestApplication.start(database, { providers: [Receivers], jobs: { worker: { pollInterval: '1h' } } });
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });
  beforeEach(() => (users.length = 0));

  it.each<[string, () => Promise<unknown>]>([
    ['in a transaction', () => app.dataSource.transaction((manager) => app.events.emit(new Asked(), { manager }))],
    ['outside of one', () => app.events.emit(new Asked())],
  ])('sees nothing of its asynchronous context, for something emitted %s', async (_, emit) => {
    await user.run('ann', emit);
    await app.drained();
    expect(users).toEqual([undefined, undefined]);
  });
});

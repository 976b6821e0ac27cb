import { Injectable } from '@nestjs/common';
import {
  type DeliveryContext,
  DiscardDelivery,
  NonRetryableError,
  OnReliableEvent,
  ReliableEvent,
} from '../../lib/index.js';
import { LogCapture } from '../support/log-capture.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';

@ReliableEvent('thing.happened')
class Happened {
  constructor(readonly name: string) {}
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const trap = (): never => {
  throw new Error('do not look at me');
};

/** What receivers have been seen to throw, and what nobody has seen yet. */
const thrown = new Map<string, () => unknown>([
  ['undefined', () => undefined],
  ['null', () => null],
  ['a number', () => Number.NaN],
  ['a symbol', () => Symbol('sign')],
  ['a bigint', () => 7n],
  ['a function', () => trap],
  ['a text with NUL', () => 'a\0b'],
  ['a text with a lone surrogate', () => 'a\ud800b'],
  ['a message with NUL and a lone surrogate', () => new Error('a\0b\udfffc')],
  ['a name with NUL', () => Object.assign(new Error('x'), { name: 'a\0b' })],
  ['a message of a megabyte', () => new Error('m'.repeat(1_000_000))],
  ['a stack of a megabyte', () => Object.assign(new Error('x'), { stack: 's'.repeat(1_000_000) })],
  ['a discard reason of a megabyte with NUL', () => new DiscardDelivery('\0'.repeat(1_000_000))],
  ['an object without prototype', () => Object.create(null) as object],
  ['an object whose toString throws', () => ({ toString: trap })],
  ['an error whose message throws', () => Object.defineProperty(new Error('x'), 'message', { get: trap })],
  [
    'a final error whose message throws',
    () => Object.defineProperty(new NonRetryableError('x'), 'message', { get: trap }),
  ],
  ['a discard whose message throws', () => Object.defineProperty(new DiscardDelivery('x'), 'message', { get: trap })],
  ['an error whose message is an object', () => Object.assign(new Error('x'), { message: { toString: trap } })],
  ['an error that causes itself', () => selfCausing()],
  ['a proxy that refuses to be looked at', () => new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap })],
  ['a revoked proxy', () => revoked.proxy],
  ['a promise', () => Promise.resolve()],
]);

@Injectable()
class Receivers {
  @OnReliableEvent(Happened, {
    id: 'hostile',
    retry: {
      attempts: 2,
      backoff: (_attempt, error) => (error === undefined ? Number.NaN : Number.POSITIVE_INFINITY),
      delay: 1,
      maxDelay: 1,
    },
  })
  throws({ name }: Happened): void {
    const make = thrown.get(name);
    if (make !== undefined) throw make();
  }

  @OnReliableEvent(Happened, { id: 'innocent' })
  fine(event: Happened, context: DeliveryContext): void {
    done.push(`${event.name} ${context.attempt}`);
  }
}

const done: string[] = [];

describe('Whatever a receiver throws', () => {
  const log = new LogCapture();
  let database: TestDatabase;
  let application: TestApplication;

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, { providers: [Receivers], jobs: { onError: String } });
    application.context.useLogger(log);
    await application.events.emitMany([...thrown.keys(), 'nothing'].map((name) => new Happened(name)));
    await application.drained();
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  it.each([...thrown.keys()])('%s ends in a dead letter', async (name) => {
    const letters: { reason: string; failures: { message: string }[] | null }[] = await application.dataSource.query(
      `select reason, failures from jobs_dead_letter where event_id = (select id from jobs_event where payload ->> 'name' = $1)`,
      [name],
    );

    expect(letters).toEqual([expect.objectContaining({ reason: expect.any(String) })]);
  });

  it('keeps no more of a text than a row can bear', async () => {
    expect(await application.count('jobs_dead_letter', 'length(reason) > 3000 or length(failures::text) > 40000')).toBe(
      0,
    );
  });

  it('lets the deliveries beside it go on at their first attempt', () => {
    expect(done.sort()).toEqual([...thrown.keys(), 'nothing'].map((name) => `${name} 1`).sort());
  });

  it('writes every outcome at its first try', () => {
    expect(log.messages().filter((message) => message.includes('could not be written'))).toEqual([]);
  });
});

function selfCausing(): Error {
  const error = new Error('again');
  error.cause = error;
  return error;
}

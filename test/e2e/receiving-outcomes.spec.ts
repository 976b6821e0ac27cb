import { Injectable } from '@nestjs/common';
import {
  DiscardDelivery,
  type DeliveryContext,
  type JobsErrorContext,
  NonRetryableError,
  OnReliableEvent,
  ReliableEvent,
  RetryDelivery,
} from '../../lib/index.js';
import { LogCapture } from '../support/log-capture.js';
import { Scripts } from '../support/scripts.js';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

@ReliableEvent('thing.happened')
class Happened {
  constructor(readonly script: string) {}
}
@ReliableEvent('thing.seen')
class Seen {
  constructor(readonly script: string) {}
}

class Hopeless extends Error {}

const scripts = new Scripts();
const log = new LogCapture();
const hooked: { error: unknown; context: JobsErrorContext }[] = [];
let hook: (error: unknown) => unknown = () => undefined;

@Injectable()
class Receivers {
  @OnReliableEvent(Happened, {
    id: 'thing.on-happened',
    retry: { attempts: 3, backoff: 'fixed', delay: 5, jitter: 0, nonRetryable: [Hopeless] },
  })
  onHappened(event: Happened, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }

  @OnReliableEvent(Seen, { id: 'thing.on-seen', retry: { attempts: 3, backoff: 'fixed', delay: '1h', jitter: 0 } })
  onSeen(event: Seen, context: DeliveryContext): Promise<unknown> {
    return scripts.play(event.script, context);
  }
}

interface DeadLetter {
  readonly kind: string;
  readonly reason: string;
  readonly attempts: number;
  readonly interruptions: number;
  readonly failures:
    { kind: string; at: string; attempt: number; name: string; message?: string; stack?: string }[] | null;
}

describe('What becomes of a delivery', () => {
  let database: TestDatabase;
  let application: TestApplication;

  const deadLetter = async (eventId: string): Promise<DeadLetter> => {
    const rows: DeadLetter[] = await application.dataSource.query(
      'select kind, reason, attempts, interruptions, failures from jobs_dead_letter where event_id = $1',
      [eventId],
    );
    return rows[0]!;
  };
  const play = async (script: string, part: Parameters<Scripts['on']>[1]): Promise<string> => {
    scripts.on(script, part);
    const { id } = await application.events.emit(new Happened(script));
    return id;
  };

  beforeAll(async () => {
    database = await TestDatabase.create();
    application = await TestApplication.start(database, {
      providers: [Receivers],
      jobs: {
        redact: (text) => {
          if (text.includes('unredactable')) throw new Error('the redact hook failed');
          return text.replaceAll(/card \d+/g, 'card ***');
        },
        onError: (error, context) => {
          hooked.push({ error, context });
          return hook(error);
        },
      },
    });
    application.context.useLogger(log);
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });
  beforeEach(async () => {
    await application.dataSource.query('truncate jobs_delivery, jobs_dead_letter');
    scripts.clear();
    log.clear();
    hooked.length = 0;
    hook = () => undefined;
  });

  it('ends a delivery when its receiver returns', async () => {
    await play('fine', () => 'whatever it returns');
    await application.drained();

    expect(scripts.played).toEqual([{ script: 'fine', attempt: 1, receiver: 'thing.on-happened' }]);
    expect(await application.count('jobs_dead_letter')).toBe(0);
  });

  it('runs a receiver again that threw, as attempt 2', async () => {
    await play('once', ({ attempt }) => {
      if (attempt === 1) throw new Error('not yet');
    });
    await application.drained();

    expect(scripts.played.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('keeps when a failed delivery is due again, the failure, and the attempt it cost', async () => {
    scripts.on('fails', () => {
      throw new TypeError('nothing there');
    });
    const { id } = await application.events.emit(new Seen('fails'));
    await until(async () => (await application.count('jobs_delivery', 'attempts = 1')) === 1);
    const [row] = await application.dataSource.query<[Record<string, unknown>]>(
      `select attempts, interruptions, worker, claimed_at, ready_xid, failures,
         extract(epoch from due_at - now()) between 3500 and 3600 as in_an_hour from jobs_delivery where event_id = $1`,
      [id],
    );

    expect(row).toEqual({
      attempts: 1,
      interruptions: 0,
      worker: null,
      claimed_at: null,
      ready_xid: null,
      in_an_hour: true,
      failures: [
        {
          kind: 'failed',
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          attempt: 1,
          name: 'TypeError',
          message: 'nothing there',
          stack: expect.stringContaining('receiving-outcomes.spec'),
        },
      ],
    });
  });

  it('makes a dead letter of a delivery that failed too often, with first and last error and the time of each attempt', async () => {
    const id = await play('always', ({ attempt }) => {
      throw new Error(`failure ${attempt}`);
    });
    await application.drained();
    const letter = await deadLetter(id);

    expect(letter).toMatchObject({ kind: 'dead', reason: 'failed 3 times: failure 3', attempts: 3, interruptions: 0 });
    expect(letter.failures).toEqual([
      expect.objectContaining({ attempt: 1, message: 'failure 1', stack: expect.stringContaining('Error: failure 1') }),
      { kind: 'failed', at: expect.any(String), attempt: 2, name: 'Error' },
      expect.objectContaining({ attempt: 3, message: 'failure 3', stack: expect.stringContaining('Error: failure 3') }),
    ]);
  });

  it('gives up at once on a NonRetryableError', async () => {
    const id = await play('pointless', () => {
      throw new NonRetryableError('the order was deleted');
    });
    await application.drained();

    expect(scripts.count('pointless')).toBe(1);
    expect(await deadLetter(id)).toMatchObject({ reason: 'not retryable: the order was deleted', attempts: 1 });
  });

  it('gives up at once on an error that the receiver declared as not retryable', async () => {
    const id = await play('hopeless', () => {
      throw new Hopeless('no such customer');
    });
    await application.drained();

    expect(scripts.count('hopeless')).toBe(1);
    expect(await deadLetter(id)).toMatchObject({ reason: 'not retryable: no such customer' });
  });

  it('counts no attempt when a receiver asks to be run again later', async () => {
    await play('later', () => {
      if (scripts.count('later') < 5) throw new RetryDelivery(1, 'the file is not there yet');
    });
    await application.drained();

    expect(scripts.played.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1]);
    expect(await application.count('jobs_dead_letter')).toBe(0);
  });

  it('runs a receiver again at the time it chose', async () => {
    scripts.on('tomorrow', () => {
      throw new RetryDelivery('1d');
    });
    await application.events.emit(new Happened('tomorrow'));
    await until(async () => (await application.count('jobs_delivery', 'due_at is not null')) === 1);

    expect(
      await application.count('jobs_delivery', `due_at between now() + interval '23h' and now() + interval '1d'`),
    ).toBe(1);
  });

  it('keeps the reason of a delivery that its receiver discards, as no failure', async () => {
    const id = await play('discarded', () => {
      throw new DiscardDelivery('the account was closed');
    });
    await application.drained();

    expect(await deadLetter(id)).toEqual({
      kind: 'discarded',
      reason: 'the account was closed',
      attempts: 0,
      interruptions: 0,
      failures: null,
    });
    expect(hooked).toEqual([]);
  });

  it('redacts what is stored and what is logged', async () => {
    const id = await play('secret', () => {
      throw new NonRetryableError('card 4242 was refused', { cause: new Error('card 4243 too') });
    });
    await application.drained();
    const letter = await deadLetter(id);

    expect(letter.reason).toBe('not retryable: card *** was refused');
    expect(JSON.stringify(letter.failures)).not.toMatch(/424/);
    expect(log.text).toContain('card ***');
    expect(log.text).not.toMatch(/424/);
  });

  it('drops a text that the redact hook fails on', async () => {
    const discarded = await play('unredactable', () => {
      throw new DiscardDelivery('unredactable reason');
    });
    const failed = await play('unredactable too', () => {
      throw new NonRetryableError('unredactable message');
    });
    await application.drained();

    expect(await deadLetter(discarded)).toMatchObject({ reason: '[unprintable value]' });
    expect(await deadLetter(failed)).toMatchObject({ reason: 'not retryable: [unprintable value]' });
  });

  it('tells the error hook of each failure, and what follows from it', async () => {
    const error = new Error('no');
    const id = await play('hooked', () => {
      throw error;
    });
    await application.drained();

    expect(hooked.map(({ context }) => context.outcome)).toEqual(['retry', 'retry', 'dead']);
    expect(hooked[0]).toEqual({
      error,
      context: {
        activity: 'delivery',
        receiverId: 'thing.on-happened',
        deliveryId: expect.stringMatching(new RegExp(`^${id}\\.\\d+$`)),
        eventId: id,
        eventName: 'thing.happened',
        attempt: 1,
        outcome: 'retry',
      },
    });
  });

  it.each([
    ['throws', () => raise('the hook failed')],
    ['rejects', () => Promise.reject(new Error('the hook failed'))],
    ['rejects with nothing', () => Promise.reject(undefined as unknown as Error)],
  ])('goes on when the error hook %s', async (_way, failing) => {
    hook = failing;
    const id = await play('hook fails', () => {
      throw new NonRetryableError('as said');
    });
    await application.drained();
    await until(() => log.messages('error').some((message) => message.includes('onError hook')));

    expect(await deadLetter(id)).toMatchObject({ reason: 'not retryable: as said' });
  });

  it('logs a failure with its stack', async () => {
    await play('logged', ({ attempt }) => {
      if (attempt === 1) throw new RangeError('too far');
    });
    await application.drained();
    const line = log.lines.find(({ level }) => level === 'error');

    expect(line?.message).toMatch(
      /^thing\.on-happened on thing\.happened \(\d+\.\d+\) failed in attempt 1 and is run again in 5 ms: RangeError: too far$/,
    );
    expect(line?.details[0]).toContain('receiving-outcomes.spec');
  });

  it.each([
    ['a failure', () => new Error('done\nERROR [Fake] everything is lost\r\u001b[2J\u202e')],
    ['a discarded delivery', () => new DiscardDelivery('done\nERROR [Fake] everything is lost\r\u001b[2J\u202e')],
    ['an error with a forged name', () => Object.assign(new Error('x'), { name: 'A\nERROR [Fake] lost\u001b[2J' })],
  ])('writes a line of its own for %s only, whatever its text', async (_kind, make) => {
    await play('forged', () => {
      throw make();
    });
    await application.drained();

    expect(log.messages().filter((message) => /[\u0000-\u001f\u202e]/.test(message))).toEqual([]);
    expect(log.text).toContain('\\nERROR [Fake]');
    expect(log.text).not.toMatch(/^ERROR \[Fake\]/m);
  });
});

function raise(message: string): never {
  throw new Error(message);
}

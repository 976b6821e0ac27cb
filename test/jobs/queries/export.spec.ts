import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { postgresPool } from '../../../lib/engine/database/postgres-driver.js';
import type { JobsService } from '../../../lib/jobs/jobs.service.js';
import { JobQueries } from '../../../lib/jobs/queries/job-queries.service.js';
import { JobType } from '../../../lib/jobs/types/job-type.decorator.js';
import { JobApplication } from '../../support/job-application.js';

@JobType('phone.call')
class Call {}

describe('An export of jobs', () => {
  let app: JobApplication;
  let jobs: JobsService;
  let queries: JobQueries;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Call] });
    ({ jobs } = app);
    queries = app.application.context.get(JobQueries, { strict: false });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clear());

  const many = (count: number): Promise<unknown> =>
    app.rows(
      `insert into jobs_job (type, uniqueness, key) select 'phone.call', 'none', i::text from generate_series(1, $1::int) i`,
      [count],
    );

  async function textOf(readable: Readable): Promise<string> {
    let text = '';
    for await (const chunk of readable) text += String(chunk);
    return text;
  }

  it('as lines of JSON has one job a line, as lists have them', async () => {
    await jobs.request(Call, { key: 'a', metadata: { text: 'line\nbreak' }, dueIn: '1h' });
    await jobs.request(Call, { key: 'b', tags: ['red'] });
    const lines = (await textOf(queries.export({}, { format: 'ndjson', sort: 'oldest' }))).split('\n');
    const { jobs: listed } = await queries.list({}, { sort: 'oldest' });
    expect([lines.pop(), lines.map((line) => JSON.parse(line) as unknown)]).toEqual([
      '',
      JSON.parse(JSON.stringify(listed)),
    ]);
  });

  it('has every job once, over many pages', async () => {
    await many(1_234);
    const keys: string[] = [];
    for await (const job of queries.stream({ types: Call }, { sort: 'oldest' })) keys.push(job.key);
    expect([keys.length, new Set(keys).size]).toEqual([1_234, 1_234]);
  });

  it('ends at its limit', async () => {
    await many(300);
    const lines = (await textOf(queries.export({}, { format: 'ndjson', limit: 201 }))).trim().split('\n');
    expect(lines).toHaveLength(201);
  });

  it('ends when its signal says so', async () => {
    await many(500);
    const ending = new AbortController();
    let read = 0;
    const reading = (async () => {
      for await (const _ of queries.stream({}, { signal: ending.signal })) {
        read += 1;
        if (read === 10) ending.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });

  describe('as comma-separated values', () => {
    it('names its columns, also when there is nothing', async () => {
      expect(await textOf(queries.export({}, { format: 'csv' }))).toMatch(
        /^"id","type","status",.*"metadata","result"\r\n$/,
      );
    });

    it.each([
      ['=cmd()', `"'=cmd()"`],
      ['+1', `"'+1"`],
      ['-1', `"'-1"`],
      ['@SUM(A1)', `"'@SUM(A1)"`],
      ['\t=1', `"'\t=1"`],
      ['\r=1', `"'\r=1"`],
      ['\n=1', `"'\n=1"`],
      ['＝1', `"'＝1"`],
      ['a;=1', `"a;=1"`],
      ['say "=1", he said', `"say ""=1"", he said"`],
      ['1=1', `"1=1"`],
    ])('makes a text of %j, never a formula', async (key, cell) => {
      await jobs.request(Call, { key });
      const text = await textOf(queries.export({}, { format: 'csv' }));
      expect(text).toContain(`,${cell},`);
    });

    it('keeps numbers as they are, negative ones too', async () => {
      await jobs.request(Call, { priority: -5 });
      expect(await textOf(queries.export({}, { format: 'csv' }))).toContain(',-5,');
    });

    it('writes metadata and tags as JSON', async () => {
      await jobs.request(Call, { metadata: { a: 'b' }, tags: ['x,y'] });
      const text = await textOf(queries.export({}, { format: 'csv' }));
      expect([text.includes(`"{""a"":""b""}"`), text.includes(`"[""x,y""]"`)]).toEqual([true, true]);
    });
  });

  it('reads no further than whoever takes it', async () => {
    await many(5_000);
    const sent = jest.spyOn(postgresPool(app.dataSource), 'query');
    const readable = queries.export({}, { format: 'ndjson' });
    const iterator = readable[Symbol.asyncIterator]();
    for (let read = 0; read < 250; read += 1) await iterator.next();
    const pages = sent.mock.calls.length;
    sent.mockRestore();
    readable.destroy();
    expect(pages).toBeLessThanOrEqual(3);
  });

  it('holds no transaction and no connection while its reader waits', async () => {
    await many(1_000);
    let most = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        void app
          .rows<{ open: number }>(
            `select count(*)::int4 as open from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
          )
          .then(([row]) => {
            most = Math.max(most, row?.open ?? 0);
            done();
          });
      },
    });
    await pipeline(queries.export({}, { format: 'ndjson', limit: 450 }), slow);
    expect(most).toBe(0);
  });

  it.each<readonly [string, object, string]>([
    ['without a format', {}, "export: option format must be 'ndjson' or 'csv', but is undefined"],
    ['in another one', { format: 'xml' }, "export: option format must be 'ndjson' or 'csv'"],
    ['from a place on', { format: 'csv', after: 'x' }, 'export: there is no option after'],
  ])('is refused %s, before anything is read', (_, options, message) => {
    expect(() => queries.export({}, options as never)).toThrow(message);
  });
});

describe('The comments on a job', () => {
  let app: JobApplication;
  let jobs: JobsService;
  let queries: JobQueries;
  let id: string;

  beforeAll(async () => {
    app = await JobApplication.start({ providers: [Call] });
    ({ jobs } = app);
    queries = app.application.context.get(JobQueries, { strict: false });
    ({
      job: { id },
    } = await jobs.request(Call));
    for (const text of ['one', 'two', 'three']) {
      await jobs.comment(id, text, { by: 'user:anna' });
      await jobs.tag(id, { add: [text] });
    }
  });
  afterAll(() => app.close());

  it('are read without the rest of its history, page after page', async () => {
    const first = await queries.comments(id, { limit: 2 });
    const second = await queries.comments(id, { limit: 2, after: first.next! });
    expect(
      [first, second].map(({ entries, next }) => [entries.map(({ note, actor }) => [actor, note]), next === null]),
    ).toEqual([
      [
        [
          ['user:anna', 'one'],
          ['user:anna', 'two'],
        ],
        false,
      ],
      [[['user:anna', 'three']], true],
    ]);
  });

  it('are read from the newest on too', async () => {
    const first = await queries.comments(id, { limit: 2, order: 'newest' });
    const second = await queries.comments(id, { limit: 2, order: 'newest', after: first.next! });
    expect([...first.entries, ...second.entries].map(({ note }) => note)).toEqual(['three', 'two', 'one']);
  });

  it('stand in its history, which is read from the newest on as well', async () => {
    const { entries } = await queries.history(id, { order: 'newest', limit: 3 });
    expect(entries.map(({ action }) => action)).toEqual(['tagged', 'commented', 'tagged']);
  });

  it('of no job are none', async () => {
    expect(await queries.comments('999999')).toEqual({ entries: [], next: null });
  });

  it.each([
    ['after', { after: 'x' }, 'comments: option after must be what a page gave as next'],
    ['order', { order: 'best' }, "comments: option order must be 'oldest' or 'newest'"],
  ])('refuse a wrong %s', async (_, options, message) => {
    await expect(queries.comments(id, options as never)).rejects.toThrow(message);
  });
});

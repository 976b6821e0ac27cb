import { describedOperations, type DescribedOperation, type OpenApiDocument } from './support/open-api-document.js';
import { as, SampleApplication } from './support/sample-application.js';

jest.setTimeout(300_000);

const IDS = [
  '0',
  '-1',
  '1e3',
  'first',
  '%00',
  '%F0%9F%92%A9',
  "1'--",
  '99999999999999999999',
  '1%2F..%2F2',
  '[object]',
];
const QUERY_VALUES = [
  '',
  '%00',
  '-1',
  '1e999',
  "';drop table jobs_job;--",
  '[]',
  '{}',
  'x'.repeat(3_000),
  '%ED%A0%80',
  '%F0%9F%92%A9',
];
const BODY_VALUES: readonly unknown[] = [
  null,
  '',
  '   ',
  'a\u0000b',
  'a\uD800b',
  'x'.repeat(90_000),
  -1,
  0.1,
  1e308,
  true,
  [],
  [null],
  [['a']],
  {},
  { toString: 'x', constructor: {}, then: 1 },
  { length: 1e9 },
];
/** Bodies as they come over the wire. */
const RAW_BODIES = [
  '',
  'null',
  '"text"',
  '7',
  '[]',
  '[{}]',
  '{',
  '{"__proto__":{"admin":true}}',
  '{"a":1e999}',
  '\u0000',
];
/** A service of somebody else, which fails now and then on purpose. */
const FAILS_ON_PURPOSE = '/rates/eur-usd';

describe('Hostile input', () => {
  let sample: SampleApplication;
  let operations: readonly DescribedOperation[];
  const callers = [as('ada', 'role:support'), as('1')];

  beforeAll(async () => {
    sample = await SampleApplication.start({ worker: false });
    // Somebody and something that ids could hit.
    await sample.http('post', '/accounts', { email: 'ann@example.com' });
    const { payment } = await sample.order();
    await sample.webhook(payment.id, 'succeeded');
    await sample.webhook(payment.id, 'failed');
    const { body } = await sample.http('get', '/api-json');
    operations = describedOperations(body as OpenApiDocument).filter(({ path }) => path !== FAILS_ON_PURPOSE);
  });
  afterAll(() => sample.close());

  const answers: string[] = [];
  beforeEach(() => answers.splice(0));

  async function send({ method }: DescribedOperation, path: string, raw?: string): Promise<void> {
    await Promise.all(
      callers.map(async (headers) => {
        const { status } = await sample.raw(method, path, raw, headers);
        if (status >= 500) answers.push(`${status} ${method} ${path} ${raw?.slice(0, 100) ?? ''}`);
      }),
    );
  }

  it('in the place of an id is refused and never breaks anything', async () => {
    const withId = operations.filter(({ path }) => path.includes('{'));
    expect(withId.length).toBeGreaterThan(8);
    for (const operation of withId) {
      const body = operation.method === 'get' ? undefined : JSON.stringify(operation.body ?? {});
      await Promise.all(IDS.map((id) => send(operation, operation.path.replaceAll(/\{\w+\}/g, id), body)));
    }
    expect(answers).toEqual([]);
  });

  it('in a query never breaks anything', async () => {
    const queries = operations.flatMap((operation) => operation.query.map((name) => ({ operation, name })));
    expect(queries.length).toBeGreaterThan(0);
    for (const { operation, name } of queries) {
      const path = operation.path.replaceAll(/\{\w+\}/g, '1');
      const given = [
        ...QUERY_VALUES.map((value) => `${name}=${value}`),
        `${name}=1&${name}=2`,
        `${name}[x]=1`,
        `${name}[]=1`,
      ];
      const body = operation.method === 'get' ? undefined : '{}';
      await Promise.all(given.map((query) => send(operation, `${path}?${query}`, body)));
    }
    expect(answers).toEqual([]);
  });

  it('in a field of a body never breaks anything', async () => {
    const fields = operations.flatMap((operation) =>
      Object.keys(operation.body ?? {}).map((name) => ({ operation, name })),
    );
    expect(fields.length).toBeGreaterThan(10);
    for (const { operation, name } of fields) {
      const path = operation.path.replaceAll(/\{\w+\}/g, '1');
      const bodies = BODY_VALUES.map((value) => ({ ...operation.body, [name]: value }));
      await Promise.all(bodies.map((body) => send(operation, path, JSON.stringify(body))));
    }
    expect(answers).toEqual([]);
  });

  it('as a body never breaks anything, nor does a field nobody asked for', async () => {
    for (const operation of operations.filter(({ method }) => method !== 'get')) {
      const path = operation.path.replaceAll(/\{\w+\}/g, '1');
      const bodies = [...RAW_BODIES, '{"isAdmin":true}', `{"a":"${'x'.repeat(200_000)}"}`];
      await Promise.all(bodies.map((raw) => send(operation, path, raw)));
    }
    expect(answers).toEqual([]);
  });

  it.each([
    ['post', '/accounts', { email: 'no address' }, 'email must be an email'],
    ['post', '/accounts', { email: 'ann@example.com', isAdmin: true }, 'property isAdmin should not exist'],
    ['post', '/orders', { amount: '1' }, 'amount must not be greater than'],
    ['put', '/accounts/me/company', { name: 'a\u0000b' }, 'name must be a text of 1 to 100 characters'],
    ['put', '/accounts/me/payment-method', { lastFour: 4242 }, 'lastFour must be the last four digits'],
    ['post', '/me/jobs', { type: 'payments.reconcile', title: 'x' }, 'type must be one of the following values'],
  ] as const)('%s %s %j is refused with words that name the field', async (method, path, body, words) => {
    const answer = await sample.http(method, path, body, callers[1]);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(words)]);
  });
});

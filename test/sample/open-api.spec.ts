import { describedOperations, type OpenApiDocument } from './support/open-api-document.js';
import { as, SampleApplication } from './support/sample-application.js';

/** The page that shows the document, its parts, and the document itself. */
const OF_THE_DOCUMENT = / \/api(?:\/|-|$)/;

describe('The OpenAPI document', () => {
  let sample: SampleApplication;
  let document: OpenApiDocument;

  beforeAll(async () => {
    sample = await SampleApplication.start({ worker: false });
    document = (await sample.http('get', '/api-json')).body as OpenApiDocument;
  });
  afterAll(() => sample.close());

  it('has every route that is served, and no other', () => {
    const served = sample.routes().filter((route) => !OF_THE_DOCUMENT.test(route));
    const described = describedOperations(document).map(({ method, path }) => `${method} ${path}`);
    expect(served.length).toBeGreaterThan(20);
    expect(described.sort()).toEqual(served.sort());
  });

  it('is shown as a page', async () => {
    const { status, text, headers } = await sample.http('get', '/api');
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    expect(text).toContain('swagger-ui');
  });

  it('describes the body of every route that takes one', () => {
    const takesNone = /\/(next|claim|release|complete|skip|cancel)$/;
    const silent = describedOperations(document)
      .filter(({ method, body, path }) => method !== 'get' && body === undefined && !takesNone.test(path))
      .map(({ method, path }) => `${method} ${path}`);
    expect(silent).toEqual([]);
  });

  it('says which routes are closed, and those are', async () => {
    const closed = describedOperations(document).filter(({ secured }) => secured);
    expect(closed.length).toBeGreaterThan(15);
    for (const { method, path } of closed) {
      const { status } = await sample.http(method, path.replaceAll(/\{\w+\}/g, '1'), method === 'get' ? undefined : {});
      expect([method, path, status]).toEqual([method, path, 401]);
    }
  });

  it('says which routes of staff are closed to others, and those are', async () => {
    const staffs = describedOperations(document).filter(({ forbids }) => forbids);
    expect(staffs.length).toBeGreaterThan(8);
    for (const { method, path } of staffs) {
      const body = method === 'get' ? undefined : {};
      const { status } = await sample.http(method, path.replaceAll(/\{\w+\}/g, '1'), body, as('eve'));
      expect([method, path, status]).toEqual([method, path, 403]);
    }
  });
});

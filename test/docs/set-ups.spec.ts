import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getReliableEventsToken, ReliableEvents } from '../../lib/index.js';
import { TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';

const root = join(__dirname, '../..');
const page = 'docs/set-ups.md';
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Code shown on its own begins at the left. */
function dedent(code: string): string {
  const lines = code.replace(/^\n/, '').split('\n');
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((line) => line.slice(indent)).join('\n');
}

describe('The page of set-ups', () => {
  it('shows the examples as they are run by tests, to the letter', () => {
    const shown = read(page);
    const regions = readdirSync(join(root, 'test/docs/set-ups')).flatMap((file) =>
      [...read(`test/docs/set-ups/${file}`).matchAll(/\/\/ #region (\w+)\n([\s\S]*?)\/\/ #endregion/g)].map(
        ([, name = '', code = '']) => ({ from: `${file} ${name}`, code: dedent(code).trim() }),
      ),
    );
    expect(regions.filter(({ code }) => !shown.includes(code)).map(({ from }) => from)).toEqual([]);
  });

  it('links to files that are there', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
  });

  describe('in its example of two data sources', () => {
    const environment = { ...process.env };
    let databases: TestDatabase[];
    let application: INestApplicationContext;

    beforeAll(async () => {
      databases = [await TestDatabase.create(), await TestDatabase.create()];
      Object.assign(process.env, { DATABASE_URL: databases[0]!.url, BILLING_URL: databases[1]!.url });
      const { AppModule } = await import('./set-ups/two-data-sources.js');
      application = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    });
    afterAll(async () => {
      await application.close();
      process.env = environment;
      for (const database of databases) await database.drop();
    });

    it('each receiver hears of what is emitted in its own', async () => {
      const { Receivers, Shop } = await import('./set-ups/two-data-sources.js');
      const { heard } = application.get(Receivers);
      await application.get(Shop).sell('7');
      await until(() => heard.length === 3);
      expect([...heard].sort()).toEqual(['7', '7', 'review 7']);
    });

    it('the services are found by their tokens', () => {
      const billing = application.get<ReliableEvents>(getReliableEventsToken('billing'));
      expect([billing instanceof ReliableEvents, billing === application.get(ReliableEvents)]).toEqual([true, false]);
    });
  });
});

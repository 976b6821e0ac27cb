import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestApplication } from '../support/test-application.js';
import { TestDatabase } from '../support/test-database.js';
import { Analytics, PaymentCompleted } from './group-commit-example.js';

const read = (file: string): string => readFileSync(join(__dirname, file), 'utf8');

describe('docs/group-commit.md', () => {
  it('shows the receiver that is run here', () => {
    const [, region = ''] = /\/\/ #region \w+\n([\s\S]*?) *\/\/ #endregion/.exec(read('group-commit-example.ts')) ?? [];
    const shown = region.replaceAll(/^ {2}/gm, '').trim();

    expect(shown).not.toBe('');
    expect(read('../../docs/group-commit.md')).toContain(shown);
  });

  it('shows a receiver that works', async () => {
    const database = await TestDatabase.create();
    const application = await TestApplication.start(database, { providers: [Analytics] });
    try {
      await application.dataSource.query('create table paid (payment_id text not null)');
      await application.events.emitMany([1, 2, 3].map((number) => new PaymentCompleted(`payment-${number}`)));
      await application.drained();

      expect(await application.count('paid')).toBe(3);
    } finally {
      await application.close();
      await database.drop();
    }
  });
});

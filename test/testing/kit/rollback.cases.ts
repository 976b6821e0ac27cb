import { DoorOpened } from '../support/house.js';
import { casesOf } from './kit-case.js';

export const rollbackCases = casesOf(
  'manual',
  {
    'deliver takes back all that a receiver did, when it is to': async ({ jobs, heard }) => {
      const options = { transaction: 'rollback' } as const;
      expect(await jobs.deliver('lamp', new DoorOpened('front'), options)).toMatchObject({ outcome: 'succeeded' });
      expect(heard).toEqual(['lamp front']);
      expect(await jobs.drain()).toEqual([]);
      await jobs.deliver('lamp', new DoorOpened('front'));
      expect(await jobs.drain()).toMatchObject([{ receiver: 'moth' }]);
    },
    'the transaction of a test takes back all that happened in it': async ({ jobs, heard, open, dataSource }) => {
      await jobs.startTransaction();
      await open('front');
      expect(await jobs.drain()).toHaveLength(3);
      await open('back');
      await jobs.rollbackTransaction();
      expect([await jobs.drain(), heard.length, jobs.emitted()]).toEqual([[], 3, []]);
      const schema: unknown = dataSource.options.type === 'postgres' ? dataSource.options.schema : undefined;
      expect(await dataSource.query(`select from "${String(schema)}".jobs_event`)).toEqual([]);
    },
  },
  true,
);

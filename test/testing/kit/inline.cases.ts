import { ReceiversFailedError } from '../../../lib/testing/index.js';
import { DoorOpened, visitor } from '../support/house.js';
import { casesOf } from './kit-case.js';

export const inlineCases = casesOf('inline', {
  'mode inline runs receivers, and what they lead to, at the commit and not before': async (house) => {
    await house.dataSource.transaction(async (manager) => {
      await house.events.emit(new DoorOpened('front'), { manager });
      await house.jobs.settled();
      expect(house.heard).toEqual([]);
    });
    await house.jobs.settled();
    expect(house.heard).toEqual(['lamp front', 'dog front 1', 'moth front']);
  },
  'mode inline runs nothing of what was rolled back': async (house) => {
    await expect(house.open('back', { fail: true })).rejects.toThrow('locked');
    await house.jobs.settled();
    expect(house.heard).toEqual([]);
    expect(house.jobs.emitted()).toEqual([]);
  },
  'mode inline has the test see what receivers threw, and nobody else': async (house) => {
    house.house.failures = 1;
    await house.open('side');
    const settled = house.jobs.settled();
    await expect(settled).rejects.toThrow(ReceiversFailedError);
    await expect(settled).rejects.toThrow('asleep');
    await house.jobs.settled();
  },
  'mode inline tells of each error once': async (house) => {
    house.house.failures = 1;
    await house.open('side');
    await house.jobs.settled().catch(() => undefined);
    house.house.failures = 1;
    await house.open('cellar');
    await expect(house.jobs.settled()).rejects.toMatchObject({ errors: [new Error('asleep')] });
    expect(house.jobs.errors).toEqual([]);
  },
  'mode inline runs receivers outside of the asynchronous context of whoever emits': async (house) => {
    await visitor.run('Ada', () => house.open('front'));
    await house.jobs.settled();
    expect(house.heard).toContain('dog front 1');
    expect(house.house.visitor).toBeUndefined();
  },
});

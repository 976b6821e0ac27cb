import { DoorOpened } from '../support/house.js';
import { casesOf } from './kit-case.js';

export const recordingCases = casesOf('recording', {
  'mode recording keeps what was emitted, and runs nothing': async (house) => {
    await house.open('front');
    await house.jobs.settled();
    expect(house.jobs.emitted(DoorOpened)).toMatchObject([{ payload: { door: 'front' }, receivers: 2 }]);
    expect([house.heard, house.jobs.delivered()]).toEqual([[], []]);
  },
  'mode recording refuses to run receivers': async (house) => {
    await house.open('front');
    await expect(house.jobs.drain()).rejects.toThrow("mode 'recording'");
    await expect(house.jobs.runNext()).rejects.toThrow("mode 'recording'");
    expect(house.heard).toEqual([]);
  },
  'mode recording keeps nothing of what was rolled back': async (house) => {
    await expect(house.open('back', { fail: true })).rejects.toThrow('locked');
    expect(house.jobs.emitted()).toEqual([]);
  },
  'mode recording forgets when it is told to': async (house) => {
    await house.open('front');
    house.jobs.clear();
    expect(house.jobs.emitted()).toEqual([]);
    await house.open('back');
    expect(house.jobs.emitted()).toHaveLength(1);
  },
});

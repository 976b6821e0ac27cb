import { LightLit, DoorOpened, CloseDoor } from '../support/house.js';
import { casesOf, receiversOf } from './kit-case.js';

export const manualCases = casesOf('manual', {
  'mode manual runs nothing by itself': async (house) => {
    await house.open('front');
    await house.jobs.settled();
    expect(house.heard).toEqual([]);
    expect(house.jobs.delivered()).toEqual([]);
    expect(await house.jobs.drain()).toHaveLength(3);
  },
  'drain runs what is ready and what that leads to, in order': async (house) => {
    await house.open('front');
    expect(receiversOf(await house.jobs.drain())).toEqual(['lamp', 'dog', 'moth']);
    expect(house.heard).toEqual(['lamp front', 'dog front 1', 'moth front']);
    expect(await house.jobs.drain()).toEqual([]);
    expect(house.jobs.requested(CloseDoor, { target: { type: 'door', id: 'front' } })).toHaveLength(1);
  },
  'runNext runs one, the first in order': async (house) => {
    await house.open('front');
    expect(await house.jobs.runNext()).toMatchObject({ receiver: 'lamp', outcome: 'succeeded' });
    expect(house.heard).toEqual(['lamp front']);
    expect(receiversOf(await house.jobs.drain())).toEqual(['dog', 'moth']);
    expect(await house.jobs.runNext()).toBeUndefined();
  },
  'drain stops after the run that it is to run until, and leaves the rest': async (house) => {
    await house.open('front');
    expect(receiversOf(await house.jobs.drain({ until: ({ receiver }) => receiver === 'lamp' }))).toEqual(['lamp']);
    expect(receiversOf(await house.jobs.drain())).toEqual(['dog', 'moth']);
  },
  'drain without recursion leaves what receivers emit': async (house) => {
    await house.open('front');
    expect(receiversOf(await house.jobs.drain({ recursion: false }))).toEqual(['lamp', 'dog']);
    expect(receiversOf(await house.jobs.drain({ recursion: false }))).toEqual(['moth']);
  },
  'drain refuses to go beyond its limit': async (house) => {
    await house.open('front');
    await expect(house.jobs.drain({ limit: 2 })).rejects.toThrow('drain() ran 2 deliveries and is not done');
    expect(receiversOf(await house.jobs.drain())).toEqual(['moth']);
  },
  'drain goes on with what is delayed when it is to, retries included, and not else': async (house) => {
    await house.events.emit(new LightLit('attic'), { delay: '2h' });
    house.house.failures = 1;
    await house.open('front');
    expect(await house.jobs.drain()).toHaveLength(3);
    expect(await house.jobs.drain()).toEqual([]);
    const later = await house.jobs.drain({ withDelayed: true });
    expect(later).toMatchObject([
      { receiver: 'dog', attempt: 2 },
      { receiver: 'moth', payload: { door: 'attic' } },
    ]);
  },
  'nothing is known of what was rolled back, nor is there anything to run': async (house) => {
    await expect(house.open('front', { fail: true })).rejects.toThrow('locked');
    expect(house.jobs.emitted()).toEqual([]);
    expect(await house.jobs.drain()).toEqual([]);
  },
  'a run tells what it led to': async (house) => {
    house.house.failures = 2;
    await house.open('front');
    const [, dog] = await house.jobs.drain();
    const failed = { outcome: 'retried', failed: true, retryIn: 600_000, error: new Error('asleep') };
    expect(dog).toMatchObject({ receiver: 'dog', event: 'door.opened', attempt: 1, ...failed });
    expect(await house.jobs.drain({ withDelayed: true })).toMatchObject([
      { receiver: 'dog', attempt: 2, outcome: 'dead', reason: 'failed 2 times: asleep' },
    ]);
  },
  'deliver runs one receiver alone, and nothing else hears of the event': async (house) => {
    const run = await house.jobs.deliver('dog', new DoorOpened('cellar'), { attempt: 2 });
    expect([run.outcome, house.heard, house.jobs.emitted()]).toEqual(['succeeded', ['dog cellar 2'], []]);
    expect(await house.jobs.drain()).toEqual([]);
  },
  'a scenario goes on until its condition holds, and fails when it never does': async (house) => {
    const { jobs } = house;
    const heard = (line: string) => (): boolean => house.heard.includes(line);
    await jobs.scenario(() => house.open('front')).until(heard('dog front 1'));
    expect(house.heard).toEqual(['lamp front', 'dog front 1']);
    await expect(jobs.scenario(() => undefined).until(heard('cat'))).rejects.toThrow('waited in vain');
    const lit = await jobs.scenario(new DoorOpened('back')).untilEmitted(LightLit, { door: 'back' });
    expect(lit).toEqual(new LightLit('back'));
  },
});

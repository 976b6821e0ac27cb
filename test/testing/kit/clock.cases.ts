import { JobsService } from '../../../lib/index.js';
import { CloseDoor, LightLit } from '../support/house.js';
import { casesOf, receiversOf } from './kit-case.js';

const HOUR = 3_600_000;

export const clockCases = casesOf('manual', {
  'the clock takes delays with it': async (house) => {
    house.jobs.clock.advance('5h');
    await house.events.emit(new LightLit('attic'), { delay: '2h' });
    expect(await house.jobs.drain()).toEqual([]);
    house.jobs.clock.advance('1h');
    expect(await house.jobs.drain()).toEqual([]);
    house.jobs.clock.advance(HOUR + 1_000);
    expect(receiversOf(await house.jobs.drain())).toEqual(['moth']);
  },
  'the clock takes retries with it': async (house) => {
    house.house.failures = 1;
    house.jobs.clock.advance('5h');
    await house.open('front');
    await house.jobs.drain();
    house.jobs.clock.advance('9m');
    expect(await house.jobs.drain()).toEqual([]);
    house.jobs.clock.advance('2m');
    expect(await house.jobs.drain()).toMatchObject([{ receiver: 'dog', attempt: 2, outcome: 'succeeded' }]);
  },
  'the clock takes the expiry of jobs and the retention of events with it': async (house) => {
    await house.open('front');
    await house.jobs.drain();
    expect([(await house.jobs.sweep()).expired, await house.jobs.purge()]).toEqual([0, 0]);
    house.jobs.clock.advance('2d');
    expect((await house.jobs.sweep()).expired).toBe(1);
    expect(house.jobs.facts('expired', CloseDoor)).toHaveLength(1);
    house.jobs.clock.advance('60d');
    expect(await house.jobs.purge()).toBeGreaterThan(0);
  },
  'the clock takes claims, due times and snoozes of jobs with it': async ({ app, jobs, open }) => {
    for (const door of ['claimed', 'due', 'asleep']) await open(door);
    await jobs.drain();
    const service = app.get(JobsService);
    const [claimed, due, asleep] = jobs.requested(CloseDoor).map(({ jobId }) => jobId);
    await service.claim(claimed!, { by: 'user:7', lapsesIn: '1h' });
    await service.setDue(due!, new Date((await jobs.clock.now()).getTime() + HOUR));
    await service.snooze(asleep!, '1h');
    jobs.clock.advance('59m');
    expect(await jobs.sweep()).toMatchObject({ lapsed: 0, due: 0, resumed: 0 });
    jobs.clock.advance('2m');
    expect(await jobs.sweep()).toMatchObject({ lapsed: 1, due: 1, resumed: 1 });
    expect(await jobs.sweep()).toMatchObject({ lapsed: 0, due: 0, resumed: 0 });
  },
  'the clock goes to a moment, and back to where it was': async (house) => {
    const { clock } = house.jobs;
    await clock.travelTo(new Date('2041-01-01T00:00:00Z'));
    expect((await clock.now()).toISOString()).toMatch(/^2041-01-01T00:0/);
    clock.reset();
    expect((await clock.now()).getTime()).toBeLessThan(Date.parse('2041-01-01T00:00:00Z'));
    expect(clock.offset).toBe(0);
  },
});

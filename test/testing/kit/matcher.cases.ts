import { emission, JobsService } from '../../../lib/index.js';
import { CloseDoor, DoorOpened, LightLit } from '../support/house.js';
import { casesOf } from './kit-case.js';

const FRONT = { type: 'door', id: 'front' } as const;

export const matcherCases = casesOf('manual', {
  'toHaveEmitted knows by payload, by what else was said, and by number': async ({ jobs, open }) => {
    await open('front');
    expect(jobs).toHaveEmitted(DoorOpened);
    expect(jobs).toHaveEmitted(DoorOpened, { door: 'front' }, { times: 1, receivers: 2 });
    expect(jobs).not.toHaveEmitted(LightLit);
    expect(jobs).not.toHaveEmitted(DoorOpened, { door: 'back' });
    expect(jobs).not.toHaveEmitted(DoorOpened, { door: 'front' }, { times: 2 });
    expect(jobs).not.toHaveEmitted(DoorOpened, undefined, { key: 'front' });
    await jobs.emit(emission(new LightLit('front'), { key: 'front' }));
    expect(jobs).toHaveEmitted(LightLit, undefined, { key: 'front' });
  },
  'toHaveEmittedInOrder knows what came before what': async ({ jobs, open }) => {
    await open('front');
    await jobs.drain();
    expect(jobs).toHaveEmittedInOrder([DoorOpened, LightLit]);
    expect(jobs).not.toHaveEmittedInOrder([LightLit, DoorOpened]);
    expect(jobs).not.toHaveEmittedInOrder([DoorOpened, DoorOpened]);
  },
  'toHaveDelivered knows by payload, receiver, outcome and number': async ({ jobs, house, open }) => {
    house.failures = 1;
    await open('front');
    expect(jobs).not.toHaveDelivered(DoorOpened);
    await jobs.drain();
    expect(jobs).toHaveDelivered(DoorOpened, { door: 'front' }, { to: 'lamp', times: 1 });
    expect(jobs).not.toHaveDelivered(DoorOpened, { door: 'back' });
    expect(jobs).not.toHaveDelivered(DoorOpened, undefined, { to: 'dog' });
    expect(jobs).toHaveDelivered(DoorOpened, undefined, { to: 'dog', outcome: 'retried' });
    expect(jobs).not.toHaveDelivered(DoorOpened, undefined, { to: 'lamp', times: 2 });
  },
  'toHaveRequested knows by target and number': async ({ jobs, open }) => {
    expect(jobs).not.toHaveRequested(CloseDoor);
    await open('front');
    await jobs.drain();
    expect(jobs).toHaveRequested(CloseDoor, { target: FRONT }, { times: 1 });
    expect(jobs).not.toHaveRequested(CloseDoor, { target: { ...FRONT, id: 'back' } });
    expect(jobs).not.toHaveRequested(CloseDoor, { target: FRONT }, { times: 2 });
  },
  'toHaveCompleted knows by target, outcome and number': async ({ app, jobs, open }) => {
    await open('front');
    await jobs.drain();
    expect(jobs).not.toHaveCompleted(CloseDoor);
    await app.get(JobsService).complete(CloseDoor, { target: FRONT, outcome: 'slammed' });
    expect(jobs).toHaveCompleted(CloseDoor, { target: FRONT, outcome: 'slammed' }, { times: 1 });
    expect(jobs).not.toHaveCompleted(CloseDoor, { outcome: 'pulled to' });
    expect(jobs).not.toHaveCompleted(CloseDoor, { target: FRONT }, { times: 2 });
  },
  'a matcher that fails says what is there instead': async ({ jobs, open }) => {
    await open('front');
    expect(() => expect(jobs).toHaveEmitted(DoorOpened, { door: 'back' })).toThrow("door: expected 'back', is 'front'");
    expect(() => expect(jobs).toHaveEmitted(LightLit)).toThrow('Beside it: door.opened.');
    expect(() => expect(jobs).not.toHaveEmitted(DoorOpened)).toThrow('not at all, but it was:');
    expect(() => expect(jobs).toHaveDelivered(DoorOpened)).toThrow('Expected door.opened to have been delivered');
    expect(() => expect(jobs).toHaveEmitted(DoorOpened, {}, { times: 2 })).toThrow('twice, but it was once');
  },
});

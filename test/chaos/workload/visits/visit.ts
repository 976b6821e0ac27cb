import { JobType, ReliableEvent } from '../../../../lib/index.js';

/** Completes the visit it names. */
@ReliableEvent('chaos.visit-made')
export class VisitMade {
  constructor(readonly visit: string) {}
}

@JobType('chaos.visit', {
  expiresIn: '5s',
  completeOn: [VisitMade, (event) => ({ type: 'visit', id: event.visit })],
})
export class Visit {}

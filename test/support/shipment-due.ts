import { ReliableEvent } from '../../lib/index.js';

/** Sent by the child that is killed right after its commit, in the way it says. */
@ReliableEvent('shipment.due')
export class ShipmentDue {
  constructor(readonly way: 'sendAfterCommit' | 'emit') {}
}

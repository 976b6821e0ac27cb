/** Token of the milliseconds after which an order that is not paid is chased. */
export const CHASE_AFTER = Symbol('CHASE_AFTER');

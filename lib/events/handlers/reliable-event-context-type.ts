/**
 * What `host.getType<ReliableEventContextType>()` answers in a guard, interceptor or filter that runs around a receiver.
 *
 * @publicApi
 */
export type ReliableEventContextType = 'reliable-event';

export const RELIABLE_EVENT_CONTEXT: ReliableEventContextType = 'reliable-event';

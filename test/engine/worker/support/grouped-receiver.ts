import type { Receiver } from '../../../../lib/engine/receivers/receiver.js';

/** A receiver whose deliveries share a commit; what fails is tried again at once. */
export function groupedReceiver(options: Partial<Receiver> & Pick<Receiver, 'invoke'>): Receiver {
  return {
    id: 'grouped',
    aliases: [],
    subscriptions: [{ pattern: 'order.paid', version: null }],
    sender: null,
    reach: 'both',
    retry: { attempts: 3, delay: () => 0, jitter: 0, isFinal: () => false },
    timeout: null,
    concurrency: null,
    transactional: true,
    groupCommit: 50,
    ...options,
  };
}

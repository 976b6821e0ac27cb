import type { ReceiverControl } from '../../../engine/receivers/receiver-control.js';
import type { MemoryReceiver } from '../database/memory-rows.js';

/** What operators decided of those receivers of which they decided anything. */
export function controlsOf(receivers: readonly MemoryReceiver[]): readonly ReceiverControl[] {
  return receivers
    .filter(({ pausedAt, concurrency }) => pausedAt !== null || concurrency !== null)
    .sort((a, b) => a.number - b.number)
    .map(({ number, pausedAt, concurrency }) => ({ receiver: number, paused: pausedAt !== null, concurrency }));
}

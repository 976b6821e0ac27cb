import { monotonicNow } from './monotonic.js';

const UNTIL = 0;
const WORKER = 1;

/**
 * Says, across threads and without a message, whether a run may start now.
 *
 * It holds until when which identity is proven. An event loop that was blocked reads it before any message reaches it, so a process
 * that was declared dead meanwhile cannot start what it once claimed.
 */
export class StartGate {
  private readonly cells: BigInt64Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.cells = new BigInt64Array(memory);
  }

  /** Admits runs of `workerId` until the given monotonic time. */
  open(workerId: number, until: number): void {
    Atomics.store(this.cells, WORKER, BigInt(workerId));
    Atomics.store(this.cells, UNTIL, BigInt(Math.floor(until * 1000)));
  }

  /** Admits nothing until the next proof. */
  close(): void {
    Atomics.store(this.cells, UNTIL, 0n);
  }

  /** Whether a run of `workerId` may start now; a gate that has opened for another identity admits nothing. */
  admits(workerId: number): boolean {
    // The time first: read the other way round, an identity that was replaced in between could be admitted on its successor's proof.
    const until = Atomics.load(this.cells, UNTIL);
    return Atomics.load(this.cells, WORKER) === BigInt(workerId) && monotonicNow() * 1000 < Number(until);
  }
}

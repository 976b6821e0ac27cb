/**
 * What may end a worker's work before its process is told to end: so many runs, or that nothing is left to do. Told by the worker of
 * what happens; it is for the listener to stop the process.
 */
export interface WorkTerm {
  /** Whether another run may start. */
  mayStart(): boolean;
  /** The worker is about to claim, under this identity. */
  begins(workerId: number, receivers: readonly string[]): void;
  /** A run starts. */
  started(): void;
  /** So many runs that were to start do so later: the transaction they were to share took long enough without them. */
  putOff(count: number): void;
  /** A run has ended. */
  ended(): void;
  /** The worker looked for work of all its receivers, found none, and holds none. */
  idle(): void;
}

/** Ends never. */
export const endless: WorkTerm = {
  mayStart: () => true,
  begins: () => undefined,
  started: () => undefined,
  putOff: () => undefined,
  ended: () => undefined,
  idle: () => undefined,
};

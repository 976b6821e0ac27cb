/** Milliseconds of a clock that only moves forward and that all threads of a process share. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
